import {
  audit,
  connect,
  emails,
  forms,
  hotels,
  me,
  messages,
  tickets,
  tokens,
  users,
  type Written,
} from "./clients/roundTrip";
import { expect, platformUrl, test } from "./fixtures";

test("A generated client sends every row back as it was read", { tag: "@once" }, async ({ admin }) => {
  const api = connect(platformUrl(), admin.api.session.access);
  const written: Written[] = [
    await hotels(api),
    await tickets(api),
    await users(api),
    await me(api),
    await messages(api),
    await emails(api),
    ...(await forms(api)),
  ];
  for (const [name, read, ...others] of written) {
    for (const other of others) {
      expect({ ...other, updated_at: "" }, name).toEqual({ ...read, updated_at: "" });
    }
  }
  await audit(api);
});

test("A generated client signs in under every name", { tag: "@once" }, async ({ user }) => {
  await tokens(connect(platformUrl()), user.email, user.password);
});

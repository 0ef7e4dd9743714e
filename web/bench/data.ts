import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { localProgram, startPlatform } from "../tests/platform";

const EMAIL = "smooth@red.example";
const PASSWORD = "Teranga-2026-Dakar";
const ROWS = { hotels: 10_000, forms: 1, entries: 100_000 };

/** A platform with many rows, or the one that `RED_URL` and `RED_ADMIN` name: that one has them already. */
export default async function setup() {
  if (process.env.RED_URL && process.env.RED_ADMIN) return undefined;
  const platform = await startPlatform(["--no-seed"]);
  try {
    await run(platform.state, [
      "seed",
      ...Object.entries(ROWS).flatMap(([name, count]) => [`--${name}`, String(count)]),
    ]);
    await run(platform.state, ["admin", "create", EMAIL, "--password-stdin"], PASSWORD);
  } catch (error) {
    await platform.stop();
    throw error;
  }
  process.env.RED_URL = platform.url;
  process.env.RED_ADMIN = `${EMAIL}:${PASSWORD}`;
  return platform.stop;
}

/** `cargo local`, as the owner of the platform's database. */
async function run(state: string, command: readonly string[], input = "") {
  const read = (name: string) => readFile(join(state, "postgres", name), "utf8");
  const password = /^red_owner=(.+)$/m.exec(await read("passwords"))?.[1] ?? "";
  const [program, first] = localProgram();
  const running = promisify(execFile)(program, [...first, ...command], {
    cwd: join(import.meta.dirname, "../.."),
    env: {
      ...process.env,
      DATABASE_URL: `postgres://red_owner:${encodeURIComponent(password)}@127.0.0.1:${(await read("port")).trim()}/red`,
    },
  });
  running.child.stdin?.end(input);
  await running;
}

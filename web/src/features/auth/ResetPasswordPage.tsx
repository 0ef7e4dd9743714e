import { zodResolver } from "@hookform/resolvers/zod";
import { useEffect, useMemo, useState } from "react";
import { useForm } from "react-hook-form";
import { Link, useNavigate, useSearchParams } from "react-router";
import * as z from "zod/mini";
import { ApiError } from "../../api/error";
import { end } from "../../api/session";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { SaveBar } from "../../lib/SaveBar";
import { useSending } from "../../lib/useSending";
import { FormError, PasswordField } from "../../ui/Field";
import { resetPassword } from "./api";
import { SlatePage, ON_SLATE } from "../../ui/SlatePage";
import { authWords } from "./words";

/** Where the link of an e-mail leads. Its secret leaves the address at once: it would stay in the history. */
export function Component() {
  const w = useWords(authWords);
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [token] = useState(params.get("token"));
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (params.has("token")) void navigate(paths.resetPassword, { replace: true });
  }, [params, navigate]);

  const schema = useMemo(
    () =>
      z
        .object({ password: z.string().check(z.minLength(8, w.short)), repeat: z.string() })
        .check(
          z.refine(({ password, repeat }) => password === repeat, { path: ["repeat"], error: w.differ }),
        ),
    [w],
  );
  const form = useForm({ resolver: zodResolver(schema), defaultValues: { password: "", repeat: "" } });
  const { errors } = form.formState;
  const sending = useSending(form, ["password"], async ({ password }, write) => {
    const mayBeChanged = write.isUncertain;
    try {
      await resetPassword({ token: token ?? "", password }, write);
    } catch (error) {
      const isUsed = error instanceof ApiError && "token" in error.fields;
      if (isUsed && mayBeChanged) throw new ApiError("invalid", { detail: w.mayBeChanged });
      throw error;
    }
    // Every session of the account has ended, this browser's as well.
    end();
    setDone(true);
  });

  return (
    <SlatePage
      title={w.resetTitle}
      links={
        <Link to={done || token ? paths.signIn : paths.forgotPassword} className={ON_SLATE}>
          {done ? w.signIn : token ? w.back : w.askAgain}
        </Link>
      }
    >
      <div role="status">{done && <p>{w.resetDone}</p>}</div>
      {!token && <FormError message={w.noToken} />}
      {token && !done && (
        <form noValidate onSubmit={sending.submit} className="space-y-5">
          <PasswordField
            look="line"
            autoComplete="new-password"
            label={w.newPassword}
            help={w.passwordHelp}
            error={errors.password?.message}
            {...form.register("password")}
          />
          <PasswordField
            look="line"
            autoComplete="new-password"
            label={w.repeat}
            error={errors.repeat?.message}
            {...form.register("repeat")}
          />
          <SaveBar saving={sending} action={w.save} wide />
          {errors.root && (
            <Link to={paths.forgotPassword} className="block text-center text-sm underline">
              {w.askAgain}
            </Link>
          )}
        </form>
      )}
    </SlatePage>
  );
}

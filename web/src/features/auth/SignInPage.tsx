import { Link, useSearchParams } from "react-router";
import { useWords } from "../../lib/language";
import { paths } from "../../lib/paths";
import { SlatePage, ON_SLATE } from "../../ui/SlatePage";
import { SignInForm } from "./SignInForm";
import { LegalLinks } from "./LegalLinks";
import { authWords } from "./words";

/** Signing in leads to where one wanted to go: the gate around this page sees the session. */
export function Component() {
  const w = useWords(authWords);
  const [params] = useSearchParams();
  return (
    <SlatePage
      title={w.signInTitle}
      links={
        <>
          <Link to={paths.forgotPassword} className={ON_SLATE}>
            {w.forgot}
          </Link>
          <p>
            {w.noAccount}{" "}
            <Link to={paths.signUp} className={ON_SLATE}>
              {w.signUp}
            </Link>
          </p>
          <LegalLinks className={ON_SLATE} />
        </>
      }
    >
      <SignInForm goesOn={params.has("next")} />
    </SlatePage>
  );
}

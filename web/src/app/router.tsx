import { createBrowserRouter, type RouteObject } from "react-router";
import { paths } from "../lib/paths";
import { AdminOnly, SignedInOnly, SignedOutOnly } from "./gates";
import { NotFound } from "./NotFound";
import { Root } from "./Root";
import { RouteError } from "./RouteError";
import { forAdministrators, forEveryUser } from "./screens";

const beforeSignIn: RouteObject[] = [
  { path: paths.signIn, lazy: () => import("../features/auth/SignInPage") },
  { path: paths.signUp, lazy: () => import("../features/auth/SignUpPage") },
];

export const routes: RouteObject[] = [
  {
    element: <Root />,
    hydrateFallbackElement: <></>,
    errorElement: <RouteError />,
    children: [
      { element: <SignedOutOnly />, children: beforeSignIn },
      // Whoever is signed in may have asked for these, too.
      { path: paths.terms, lazy: () => import("../features/legal/LegalPage") },
      { path: paths.privacy, lazy: () => import("../features/legal/LegalPage") },
      { path: paths.forgotPassword, lazy: () => import("../features/auth/ForgotPasswordPage") },
      { path: paths.resetPassword, lazy: () => import("../features/auth/ResetPasswordPage") },
      {
        lazy: () => import("./Queries"),
        children: [
          { path: paths.publicForm(":id"), lazy: () => import("../features/forms/PublicFormPage") },
          {
            element: <SignedInOnly />,
            children: [
              {
                // Not before somebody is signed in.
                lazy: () => import("./Shell"),
                children: [
                  {
                    errorElement: <RouteError />,
                    children: [
                      ...forEveryUser,
                      { element: <AdminOnly />, children: forAdministrators },
                      { path: "*", element: <NotFound /> },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
];

export const router = createBrowserRouter(routes);

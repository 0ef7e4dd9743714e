import "@fontsource-variable/roboto/wght.css";
import "./style.css";
/* oxlint-disable import/no-unassigned-import -- What the sign-in shares with the screens behind it comes with the
   application, rather than in a small file of its own. */
import "../api/client";
import "../api/explain";
import "../ui/Field";
import "../ui/SlatePage";
/* oxlint-enable import/no-unassigned-import */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router/dom";
import { joinOtherTabs } from "../api/session";
import { noteLoadFailures } from "./newVersion";
import { router } from "./router";

noteLoadFailures();

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
void joinOtherTabs().then(() =>
  createRoot(root).render(
    <StrictMode>
      <RouterProvider router={router} />
    </StrictMode>,
  ),
);

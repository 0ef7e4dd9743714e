import { defineConfig } from "@playwright/test";
import browser from "./playwright.config";

// Every screen as it is, for people to look at: no test, and not part of them.
export default defineConfig({
  ...browser,
  testMatch: "screenshots.ts",
  workers: 1,
  timeout: 300_000,
  projects: [{ name: "screenshots" }],
});

import { defineConfig } from "@playwright/test";
import browser from "./playwright.config";

// How long interactions take with much data: measured, and not part of the tests.
export default defineConfig({
  ...browser,
  testDir: "bench",
  testMatch: "smooth.spec.ts",
  globalSetup: "./bench/data.ts",
  workers: 1,
  timeout: 900_000,
  expect: { timeout: 60_000 },
  projects: [{ name: "smooth", use: { viewport: { width: 1280, height: 900 } } }],
});

import { defineConfig, devices } from "@playwright/test";

// Debian's Chromium, or whichever the machine has.
const executablePath = process.env.RED_CHROMIUM ?? "/usr/bin/chromium-headless-shell";
// Chromium's own sandbox cannot be had as root, and what it opens here is ours.
const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const desktop = { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 900 } };
const phone = { ...devices["Desktop Chrome"], viewport: { width: 390, height: 844 }, hasTouch: true };

export default defineConfig({
  testDir: "tests",
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  workers: Number(process.env.RED_WORKERS ?? 2),
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  globalSetup: "./tests/platform.ts",
  use: {
    locale: "fr-FR",
    timezoneId: "Africa/Dakar",
    // Recording one slows each test by half: `npm run browser -- --trace retain-on-failure` where it is needed.
    trace: "off",
    launchOptions: { executablePath, args },
  },
  projects: [
    { name: "desktop", use: desktop },
    // What has nothing to do with the width runs once.
    { name: "phone", use: phone, grepInvert: /@once/ },
  ],
});

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { firstScreen } from "./firstScreen";

// `npm run dev` is the application alone; the rest of the platform is `cargo local up`, here or where this says.
const platform = process.env.RED_PLATFORM ?? "http://127.0.0.1:8080";
const proxy = { "/api": platform, "/media": platform, "/.well-known": platform, "/mailbox": platform };

export default defineConfig({
  plugins: [react(), tailwindcss(), firstScreen()],
  build: { target: "es2023", assetsInlineLimit: 0, reportCompressedSize: false },
  server: { proxy },
  preview: { proxy },
  test: { include: ["src/**/*.test.ts"] },
});

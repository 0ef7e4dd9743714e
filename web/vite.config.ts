import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { ProxyOptions } from "vite";
import { defineConfig } from "vitest/config";
import { firstScreen } from "./firstScreen";

// `npm run dev` is the application alone; the rest of the platform is `cargo local up`, here or where this says.
const platform = process.env.RED_PLATFORM ?? "http://127.0.0.1:8080";
// The platform answers to its own address only, and takes a page of this server for one of its own.
const toPlatform: ProxyOptions = {
  target: platform,
  changeOrigin: true,
  configure: (server) => {
    server.on("proxyReq", (request, incoming) => {
      if (incoming.headers.origin === `http://${incoming.headers.host}`)
        request.setHeader("origin", platform);
    });
  },
};
const proxy = {
  "/api": toPlatform,
  "/media": toPlatform,
  "/.well-known": toPlatform,
  "/mailbox": toPlatform,
};

/**
 * What goes into one file, with all that it imports and that is not in an earlier one. Left to itself the build makes a
 * file of whatever a few screens share, and a phone asks for forty of them, one after the other. The rest of each screen
 * still comes when it is opened.
 */
const files = [
  { name: "app", tags: ["$initial" as const] },
  { name: "forms", test: /node_modules\/(react-hook-form|@hookform)\// },
  { name: "zod", test: /node_modules\/zod\// },
  { name: "sign-in", test: /src\/features\/auth\/SignInPage\./ },
  // The dashboard is where everybody arrives.
  {
    name: "frame",
    test: /src\/(app\/(Queries|Shell)|features\/dashboard\/DashboardPage|lib\/(Loaded|states)|ui\/Badge)\.|node_modules\/(lucide-react|@tanstack)\//,
  },
];

export default defineConfig({
  plugins: [react(), tailwindcss(), firstScreen()],
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: files } } },
  },
  server: { proxy },
  preview: { proxy },
  test: { include: ["src/**/*.test.ts"] },
});

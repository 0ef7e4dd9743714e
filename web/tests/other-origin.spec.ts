import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, preview, type PreviewServer } from "vite";
import { expect, test } from "./fixtures";
import { type Platform, startPlatform } from "./platform";

const WEB = join(import.meta.dirname, "..");

let platform: Platform;
let server: PreviewServer;
let folder: string;

// The application on one origin, built for an API on another one, which lets it in as template.yaml says.
test.beforeAll(async () => {
  test.setTimeout(180_000);
  const port = await freePort();
  platform = await startPlatform(["--web-origin", `http://127.0.0.1:${port}`, "--no-web"]);
  folder = await mkdtemp(join(tmpdir(), "red-product-other-origin-"));
  process.env.VITE_API_URL = platform.url;
  await build({ root: WEB, logLevel: "warn", build: { outDir: folder, emptyOutDir: true } });
  delete process.env.VITE_API_URL;
  server = await preview({
    root: WEB,
    build: { outDir: folder },
    preview: { host: "127.0.0.1", port, strictPort: true, proxy: {} },
  });
});

test.afterAll(async () => {
  await server?.close();
  await platform?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test("The application works on another origin than the API's", { tag: "@once" }, async ({ page }) => {
  const [email = "", password = ""] = platform.admin.split(/:(.*)/s);
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(platform.url)) foreign.push(request.method());
  });
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Mot de passe", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Se connecter" }).click();
  await page.getByRole("link", { name: "Liste des hôtels" }).click();
  await page.getByRole("link", { name: "Modifier Hôtel Dakar Palace" }).click();
  await expect(page.getByRole("heading", { name: "MODIFIER L'HÔTEL" })).toBeVisible();
  await page.getByLabel("Ville").fill("Rufisque");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await expect(page.getByText("Hôtel Dakar Palace est enregistré.", { exact: true })).toBeVisible();
  expect(foreign).toContain("PATCH");
});

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

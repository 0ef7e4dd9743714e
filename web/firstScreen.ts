import type { Plugin } from "vite";

/** What `public/first.js` chooses from: the screens that people come to from elsewhere, by their modules. */
const SCREENS = {
  "sign-in": ["src/features/auth/SignInPage.tsx"],
  frame: ["src/app/Queries.tsx", "src/app/Shell.tsx"],
  dashboard: ["src/features/dashboard/DashboardPage.tsx"],
};

/**
 * Tells the page which files its first screen is made of, so that the browser need not have read the application to ask
 * for them. Fonts are not among them: text is shown without, and they would come before the application.
 */
export function firstScreen(): Plugin {
  return {
    name: "first-screen",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle = {}, chunk: entry }) => {
        const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
        const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
        const present = new Set(entry ? [entry.fileName, ...entry.imports] : []);
        const withImports = (file: string, found: Set<string>) => {
          if (found.has(file) || present.has(file)) return found;
          found.add(file);
          for (const next of byName.get(file)?.imports ?? []) withImports(next, found);
          return found;
        };
        const data = Object.entries(SCREENS).map(([screen, modules]) => {
          const files = new Set<string>();
          for (const module of modules) {
            const chunk = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(`/${module}`)));
            if (!chunk) throw new Error(`${module} is in no chunk`);
            withImports(chunk.fileName, files);
          }
          return [`data-${screen}`, [...files].map((file) => `/${file}`).join(" ")];
        });
        return [
          {
            tag: "script",
            attrs: { async: true, src: "/first.js", ...Object.fromEntries(data) },
            injectTo: "head",
          },
        ];
      },
    },
  };
}

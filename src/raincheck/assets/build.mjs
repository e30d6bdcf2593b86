// Bundles the pages' styles and scripts into static/raincheck/bundle/ under fixed names;
// Django adds the content hash to each name when it collects them.

import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outdir = here("../static/raincheck/bundle");

const options = {
  entryPoints: [
    ...["app", "client"].map((name) => ({ in: here(`styles/${name}.css`), out: name })),
    ...["app", "calendar", "ask", "preview", "client", "slots"].map((name) => ({ in: here(`scripts/${name}.js`), out: name })),
  ],
  outdir,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome111", "firefox113", "safari16.4"],
  // Each module stands alone: a shared chunk would need an import whose name the hashing does not rewrite.
  splitting: false,
  loader: { ".woff2": "file" },
  assetNames: "[name]",
  legalComments: "linked",
  logLevel: "info",
};

await rm(outdir, { recursive: true, force: true });
if (process.argv.includes("--watch")) await (await esbuild.context(options)).watch();
else await esbuild.build(options);

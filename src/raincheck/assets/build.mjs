// Bundles the pages' styles and scripts into static/raincheck/bundle/ under fixed names;
// Django adds the content hash to each name when it collects them.

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import subsetFont from "subset-font";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outdir = here("../static/raincheck/bundle");

const through = (first, last) => String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, at) => first + at));
// What is written in the languages of the pages, and in names from western Europe: the unicode-range of inter.css and serif.css.
const LETTERS = through(0x20, 0xff) + through(0x2000, 0x206f) + "ıŒœʻʼˆ˚˜€™↑↓−∕";
// Of the typefaces' features only those that show: kerning, accents, and figures that are all as wide as each other.
const FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum"];
// The weights that the styles use.
const WEIGHTS = { inter: { min: 400, max: 700 }, "source-serif-4": 600 };

/** Takes out of each typeface what no page shows: half of what a client waited for was letters nobody wrote. */
const smallFonts = {
  name: "small fonts",
  setup(build) {
    build.onLoad({ filter: /\.woff2$/ }, async ({ path }) => {
      const [, wght] = Object.entries(WEIGHTS).find(([name]) => path.includes(`/${name}/`));
      const options = { targetFormat: "woff2", variationAxes: { wght }, keepFeatures: FEATURES };
      return { contents: await subsetFont(await readFile(path), LETTERS, options), loader: "file" };
    });
  },
};

const options = {
  entryPoints: [
    ...["app", "client"].map((name) => ({ in: here(`styles/${name}.css`), out: name })),
    ...["app", "calendar", "team", "ask", "preview", "client", "slots", "passkeys"].map((name) => ({ in: here(`scripts/${name}.js`), out: name })),
  ],
  outdir,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome111", "firefox113", "safari16.4"],
  // Each module stands alone: a shared chunk would need an import whose name the hashing does not rewrite.
  splitting: false,
  plugins: [smallFonts],
  assetNames: "[name]",
  legalComments: "linked",
  metafile: true,
  logLevel: "info",
};

/** Whose work is in the bundle, and under which terms: each of these licenses wants to be passed on with it. */
async function licenses(metafile) {
  const packages = new Map();
  for (const path of Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs))) {
    const [directory, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
    if (name) packages.set(name, directory);
  }
  const told = [...packages].sort(([one], [other]) => (one < other ? -1 : 1)).map(async ([name, directory]) => {
    const { version, license } = JSON.parse(await readFile(`${directory}/package.json`, "utf8"));
    const file = (await readdir(directory)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    if (!file) throw new Error(`${name} brings no text of its license, which has to go with it.`);
    return `${name} ${version} (${license})\n\n${(await readFile(`${directory}/${file}`, "utf8")).trim()}\n`;
  });
  return (await Promise.all(told)).join(`\n${"-".repeat(72)}\n\n`);
}

await rm(outdir, { recursive: true, force: true });
if (process.argv.includes("--watch")) await (await esbuild.context(options)).watch();
else await writeFile(`${outdir}/LICENSES.txt`, await licenses((await esbuild.build(options)).metafile));

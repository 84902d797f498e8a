import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import terser from "@rollup/plugin-terser";
import { browserslistToTargets, transform } from "lightningcss";

const source = (name) => fileURLToPath(new URL(`src/${name}`, import.meta.url));

// Chrome, Edge, Firefox and Safari as of 2023: versions as lightningcss counts them.
const targets = browserslistToTargets(["chrome 111", "edge 111", "firefox 113", "safari 16.4"]);

/** Puts the processed style sheet and the icon beside the bundle. */
const assets = {
  name: "assets",
  buildStart() {
    this.addWatchFile(source("porthole.css"));
  },
  generateBundle() {
    const code = readFileSync(source("porthole.css"));
    const css = transform({ filename: "porthole.css", code, minify: true, targets });
    this.emitFile({ type: "asset", fileName: "porthole.css", source: css.code });
    const icon = readFileSync(source("porthole.svg"));
    this.emitFile({ type: "asset", fileName: "porthole.svg", source: icon });
  },
};

export default {
  input: "src/main.js",
  output: { file: "dist/porthole.js", format: "es" },
  plugins: [assets, terser()],
};

/**
 * Draws a terminal recording (asciicast v2) as one animated SVG that GitHub shows in a README.
 *
 *   node tools/render-cast.ts IN.cast OUT.svg [--from S] [--to S] [--title TEXT] [--still]
 *
 * `--from` and `--to` are seconds of the recording; `--still` draws the last frame only. Pauses are cut to
 * 5 s. Where the picture would be too large, frames are merged more coarsely until it is not.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Frame, framesOf } from "./cast/frames.ts";
import { drawPicture } from "./cast/picture.ts";
import { readRecording } from "./cast/recording.ts";

/** A README's picture should be there before its reader has scrolled past. */
const largestBytes = 250_000;
const longestPauseSeconds = 5;
/** Frame rates to try, the first being what an eye follows. */
const merges = [0.08, 0.16, 0.32, 0.64];

const usage =
  "usage: node tools/render-cast.ts IN.cast OUT.svg [--from S] [--to S] [--title TEXT] [--still]";

export interface Rendering {
  svg: string;
  frames: readonly Frame[];
  bytes: number;
}

export interface RenderingOptions {
  fromSeconds?: number;
  toSeconds?: number;
  title?: string;
  still?: boolean;
}

/** Renders the text of a recording. Throws an Error naming the line if it is none. */
export function renderCast(cast: string, options: RenderingOptions = {}): Rendering {
  const recording = readRecording(cast);
  const title = options.title ?? recording.title ?? "";
  let rendering: Rendering | undefined;
  for (const mergeSeconds of merges) {
    const all = framesOf(recording, {
      fromSeconds: options.fromSeconds ?? 0,
      toSeconds: options.toSeconds ?? Number.POSITIVE_INFINITY,
      longestPauseSeconds,
      mergeSeconds,
    });
    const frames = options.still ? all.slice(-1) : all;
    const svg = drawPicture(frames, { columns: recording.columns, title });
    rendering = { svg, frames, bytes: Buffer.byteLength(svg) };
    if (rendering.bytes <= largestBytes || options.still) break;
  }
  if (rendering === undefined) throw new TypeError("no frame rate to try");
  return rendering;
}

function seconds(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(value))
    throw new TypeError(`--${name} ${value}: not a number of seconds`);
  return Number(value);
}

function main(): number {
  try {
    const { values, positionals } = parseArgs({
      options: {
        from: { type: "string" },
        to: { type: "string" },
        title: { type: "string" },
        still: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [input, output, ...more] = positionals;
    if (input === undefined || output === undefined || more.length > 0)
      throw new TypeError("two files");
    const fromSeconds = seconds(values.from, "from");
    const toSeconds = seconds(values.to, "to");
    const { svg, frames, bytes } = renderCast(readFileSync(input, "utf8"), {
      ...(fromSeconds === undefined ? {} : { fromSeconds }),
      ...(toSeconds === undefined ? {} : { toSeconds }),
      ...(values.title === undefined ? {} : { title: values.title }),
      still: values.still,
    });
    if (bytes > largestBytes) {
      console.error(
        `${output}: error: ${bytes} bytes, more than ${largestBytes}: nothing is written`,
      );
      console.error("hint: show less of it, with --from and --to");
      return 1;
    }
    writeFileSync(output, svg);
    const length = (frames.at(-1)?.atSeconds ?? 0).toFixed(1);
    console.log(`${output}: ${frames.length} frames, ${length} s, ${Math.ceil(bytes / 1000)} kB`);
    return 0;
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    if (!(error instanceof TypeError)) return 1;
    console.error(usage);
    return 2;
  }
}

if (import.meta.main) process.exitCode = main();

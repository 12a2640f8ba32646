import type { Line } from "./line.ts";
import type { Recording } from "./recording.ts";
import { openScreen, type Position, type Screen } from "./screen.ts";
import { write } from "./terminal.ts";

/** What the terminal shows from `atSeconds` on, until the next frame. */
export interface Frame {
  atSeconds: number;
  /** The number of the line in the first row, counted from the first line ever shown. */
  top: number;
  lines: readonly Line[];
  cursor?: Position;
}

export interface Timing {
  /** The part of the recording to show, in its own seconds. */
  fromSeconds: number;
  toSeconds: number;
  /** Longer pauses are cut to this. */
  longestPauseSeconds: number;
  /** Output that follows within this joins the frame before it. */
  mergeSeconds: number;
}

/**
 * Plays the recording and returns its frames. The first is at 0 and shows what was on the screen at
 * `fromSeconds`; what comes after `toSeconds` is not played.
 */
export function framesOf(recording: Recording, timing: Timing): Frame[] {
  const { fromSeconds, toSeconds, longestPauseSeconds, mergeSeconds } = timing;
  const screen = openScreen(recording.columns, recording.rows);
  const shown = recording.outputs.filter(({ atSeconds }) => atSeconds <= toSeconds);
  const firstShown = shown.findIndex(({ atSeconds }) => atSeconds >= fromSeconds);
  const before = firstShown < 0 ? shown : shown.slice(0, firstShown);
  for (const { text } of before) write(screen, text);

  const frames = [frameOf(screen, 0)];
  let clock = 0;
  let last = fromSeconds;
  for (const { atSeconds, text } of shown.slice(before.length)) {
    clock += Math.min(atSeconds - last, longestPauseSeconds);
    last = atSeconds;
    write(screen, text);
    const current = frames.at(-1);
    if (current && clock - current.atSeconds < mergeSeconds) {
      frames[frames.length - 1] = frameOf(screen, current.atSeconds);
    } else frames.push(frameOf(screen, clock));
  }
  return frames;
}

function frameOf(screen: Screen, atSeconds: number): Frame {
  const { top, lines, cursor, cursorVisible } = screen;
  return {
    atSeconds,
    top,
    lines: [...lines],
    ...(cursorVisible ? { cursor: { ...cursor } } : {}),
  };
}

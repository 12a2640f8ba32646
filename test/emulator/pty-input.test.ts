import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPtyInput } from "../../emulator/pty-input.ts";

/*
 * On a file, which always has room. What happens where a terminal has none is tested with a terminal, in
 * test/wire/emulator-message-gateway.test.ts.
 */

let folder: string;
let file: string;
let fd: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pty-input-"));
  file = join(folder, "typed");
  fd = openSync(file, "w");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const typed = (): string => readFileSync(file, "utf8");

describe("createPtyInput", () => {
  it("writes at once what there is room for, in order", () => {
    const input = createPtyInput(fd, () => false);
    for (const text of ["a", "", "bc"]) input.write(Buffer.from(text));
    expect([typed(), input.waiting]).toEqual(["abc", 0]);
    closeSync(fd);
  });

  it("writes nothing to a number that may be another's by now", () => {
    let closed = false;
    const input = createPtyInput(fd, () => closed);
    input.write(Buffer.from("a"));
    closed = true;
    input.write(Buffer.from("b"));
    closed = false;
    input.write(Buffer.from("c"));
    expect([typed(), input.waiting]).toEqual(["a", 0]);
    closeSync(fd);
  });

  it("takes no more once it was ended", () => {
    const input = createPtyInput(fd, () => false);
    input.end();
    input.write(Buffer.from("a"));
    expect([typed(), input.waiting]).toEqual(["", 0]);
    closeSync(fd);
  });

  it("survives a terminal that has gone", () => {
    closeSync(fd);
    const readOnly = openSync(file, "r");
    const input = createPtyInput(readOnly, () => false);
    input.write(Buffer.from("a"));
    expect([typed(), input.waiting]).toEqual(["", 0]);
    closeSync(readOnly);
  });
});

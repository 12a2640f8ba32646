import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { secretIn, secretInText } from "../../core/secret-in-command.ts";

/*
 * That no text of a caller's takes the gateway long to look at. A limit, not a measurement: what is linear stays
 * far below it, and what takes the square does not.
 */
describe("looking for secrets", () => {
  const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

  const maxMs = 8 * 200;
  const pieces = (
    "password passwd= secret_access_key session_token~ x-api-key: x- TOKEN= token~ --token~ bearer~ " +
    "authorization authorization:~bearer~ eyJ -eyJ a. :// a:// a:b@ a: sk- ghp_ AKIA A1a/ ${ $A f( \\' " +
    "passwd=${ -----BEGIN~ PRIVATE~KEY----- A~ identified~by~ identified~with~ user~ password~' mysql~ curl~ " +
    '-p -u chpasswd~ a- --a- next- sh~-c~\' "sh~-c~\\"'
  )
    .split(" ")
    .map((of) => of.replaceAll("~", " "));

  it(`T77 takes no more than linear work for a text of its own forms' characters (seed ${seed})`, () => {
    // Eight times the longest command, and 200 ms for each: what is linear takes a tenth of it, and what takes
    // its square for 8 KiB in 20 ms is above it.
    const length = 64 * 1024;
    const took = (command: string) => {
      const before = performance.now();
      secretIn(command);
      secretInText(command);
      return performance.now() - before;
    };
    const character = fc.constantFrom(
      ...Array.from(" \t\n'\"`\\=:/@#$%{}()[]<>|&;,.*+?!~-_aAxX09"),
    );
    const piece = fc.constantFrom(...pieces);
    const run = fc.oneof(
      fc.tuple(character, fc.integer({ min: 1, max: length })).map(([of, n]) => of.repeat(n)),
      fc.tuple(piece, fc.integer({ min: 1, max: length })).map(([of, n]) => of.repeat(n)),
      fc
        .array(fc.oneof(piece, character), { minLength: 1, maxLength: 6 })
        .map((pieces) => pieces.join("").repeat(length)),
      piece,
    );
    const text = fc
      .array(run, { minLength: 1, maxLength: 4 })
      .map((runs) => runs.join("").slice(0, length));
    fc.assert(
      fc.property(text, (command) => {
        // The machine may be busy otherwise once, and again, but a form is as slow each time.
        expect([1, 2, 3].some(() => took(command) < maxMs)).toBe(true);
      }),
      { seed, numRuns: 40 },
    );
  });

  it("T77 takes no more for any piece of its forms, repeated or before a run of blanks", () => {
    const texts = pieces.flatMap((of) => [of.repeat(65_000 / of.length), of + " ".repeat(65_000)]);
    for (const text of texts) {
      const before = performance.now();
      secretIn(text);
      expect(performance.now() - before).toBeLessThan(maxMs);
    }
  });
});

import { SallyportError } from "./errors.ts";
import type { Action } from "./policy-engine.ts";

/**
 * `not_permitted`, of what the rules let nobody do but those they name: with the action that they call it by, and who
 * can change that. `what` goes on after "no rule lets you".
 */
export function noRuleLets(what: string, action: Action): SallyportError {
  return new SallyportError("not_permitted", `no rule lets you ${what}`, {
    hint: `a rule that permits "${action}" has to name you or a group of yours (\`sallyport whoami\` shows them): whoever may put rules in force changes either, with \`sallyport policy activate\``,
  });
}

/** `not_permitted`, of what no program does, whatever the rules say; `what` goes on after "only persons". */
export function onlyPersons(what: string): SallyportError {
  return new SallyportError("not_permitted", `only persons ${what}`, {
    hint: "it is not for a program: call as somebody whom the directory has among its persons",
  });
}

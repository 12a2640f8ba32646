import type { PreflightFinding } from "../kinds/asked.ts";

/*
 * What a check answers. `failed` keeps a request from being asked: ECS Exec could not work there.
 * `warning` goes onto the card. `not_checked` is said where ECS does not tell what the check needs, with
 * how to look at it: what was not looked at is never called passed.
 */

export function passed(check: string): PreflightFinding {
  return { check, status: "passed", remedy: "" };
}

export function failed(check: string, remedy: string): PreflightFinding {
  return { check, status: "failed", remedy };
}

export function warning(check: string, remedy: string): PreflightFinding {
  return { check, status: "warning", remedy };
}

export function notChecked(check: string, remedy: string): PreflightFinding {
  return { check, status: "not_checked", remedy };
}

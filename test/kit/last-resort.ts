import type { CallOnRecord } from "../../core/kinds/watched.ts";
import { NOW } from "./build-request.ts";

/** By somebody whom no directory knows, under a name that is nobody's. */
export const assumed: CallOnRecord = {
  cloudTrailId: "1",
  name: "AssumeRole",
  at: NOW,
  place: { account: "111122223333", region: "us-east-1" },
  caller: "arn:aws:iam::111122223333:user/kept-for-this",
  sourceIdentity: null,
  sessionName: "somebody",
  about: null,
  sessionId: null,
  error: null,
};

/** What CloudTrail tells of a command that is run with the role. */
export const lastResortCommand = {
  cluster: "demo",
  task: "0".repeat(32),
  container: "app",
  command: "/bin/sh",
  sessionId: "ecs-execute-command-0123456789abcdef0",
};

/**
 * The cases that are shown by tests of single functions alone, and why: there is no record and no wire to look at,
 * for what is shown has no effect. Every other case has a test that looks at one of them.
 */
export const withoutEffect: { [number: string]: string } = {
  T25: "the fold makes a state of events; what it refuses was never written",
  T27: "who is calling is made of API Gateway's event alone, before anything is read",
  T28: "who is calling is made of API Gateway's event alone, before anything is read",
  T30: "the engine makes a verdict of rules and a request; a trap is for good, so it is made on a thread of its own",
  T32: "a target is made of a text, before anything is asked of AWS",
  T46: "what a terminal is shown is made by the command line, of an answer",
  T47: "what an approver is shown is made by the command line, of an answer",
  T49: "a line of the log is made of its fields, and is no part of the record",
  T77: "how long an expression takes is a property of it and its text alone",
  T78: "what is deployed is made as a template, which is read; nothing is called",
  T79: "what an organization forbids is made as documents, which an evaluator judges; no call is made",
  T81: "an event's time is made of the clock's and of the event in front",
};

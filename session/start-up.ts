/**
 * Whether the agent takes input. A session without a key has no handshake and begins with its first output,
 * or, if the command prints nothing, with nothing at all; one with a key begins with a handshake, during
 * which the agent acknowledges input and throws it away. Which of the two it is, nobody says beforehand.
 */
export type StartUp = "waiting" | "handshaking" | "presumed" | "ready";

/** `quiet`: the time in which a handshake request would have come is over. */
export type StartUpEvent = "output" | "handshake_requested" | "handshake_complete" | "quiet";

/**
 * The next state. "ready" is known; "presumed" is the guess after a quiet time, and can be wrong: it ends
 * with the first output, which proves it, or with a handshake request, which refutes it.
 */
export function afterStartUpEvent(state: StartUp, event: StartUpEvent): StartUp {
  switch (event) {
    case "handshake_requested":
      return "handshaking";
    case "handshake_complete":
      return "ready";
    case "output":
      return state === "handshaking" ? "handshaking" : "ready";
    case "quiet":
      return state === "waiting" ? "presumed" : state;
  }
}

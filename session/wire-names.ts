/** Who sends what, by the name in a frame's header. Unknown names are ignored, as both AWS sides do. */
export const messageTypes = {
  input: "input_stream_data",
  output: "output_stream_data",
  acknowledge: "acknowledge",
  channelClosed: "channel_closed",
  startPublication: "start_publication",
  pausePublication: "pause_publication",
} as const;

/** What the payload of a stream frame is, by the number in its header. */
export const payloadTypes = {
  Output: 1,
  Error: 2,
  Size: 3,
  Parameter: 4,
  HandshakeRequest: 5,
  HandshakeResponse: 6,
  HandshakeComplete: 7,
  EncChallengeRequest: 8,
  EncChallengeResponse: 9,
  Flag: 10,
  StdErr: 11,
  ExitCode: 12,
} as const;

export type PayloadType = (typeof payloadTypes)[keyof typeof payloadTypes];

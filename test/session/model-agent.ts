import { type PlainFrame, plainBytes, plainFrame } from "./plain-frame.ts";

const RESEND_SCAN_MS = 100;
const RESEND_AFTER_MS = 200;

interface Ports {
  now(): number;
  setTimer(ms: number, fn: () => void): () => void;
  send(bytes: Buffer): void;
}

/**
 * The agent's half of the protocol, after amazon-ssm-agent's datachannel.go: selective acknowledgements,
 * duplicates acknowledged again, frames ahead kept, the oldest unacknowledged one resent, input thrown
 * away while a handshake is pending.
 */
export class ModelAgent {
  /** Input that reached the command, in order. */
  readonly input: Buffer[] = [];
  readonly sizes: { cols: number; rows: number }[] = [];
  readonly handshakeResponses: {
    ClientVersion: string;
    ProcessedClientActions: { ActionType: string; ActionStatus: number; Error: string }[];
  }[] = [];
  /** Every arrival of an input frame, by number: repetitions too. */
  readonly arrivals: number[] = [];
  /** Every acknowledgement of our output, by number: repetitions too. */
  readonly acknowledged: number[] = [];
  /** Input that came while it could not be used. */
  discarded = 0;
  acknowledges = true;
  handshake: "none" | "pending" | "complete" = "none";

  readonly #ports: Ports;
  readonly #unacknowledged = new Map<number, { bytes: Buffer; sentAt: number }>();
  readonly #ahead = new Map<number, PlainFrame>();
  #next = 0;
  #expected = 0;

  constructor(ports: Ports) {
    this.#ports = ports;
    const scan = (): void => {
      this.#resendOldest();
      ports.setTimer(RESEND_SCAN_MS, scan);
    };
    ports.setTimer(RESEND_SCAN_MS, scan);
  }

  get drained(): boolean {
    return this.#unacknowledged.size === 0;
  }

  /** Sends a frame of the stream. */
  stream(payloadType: number, payload: Buffer | string | object): void {
    const sequenceNumber = this.#next++;
    const bytes = plainBytes({
      type: "output_stream_data",
      sequenceNumber,
      payloadType,
      payload,
      flags: sequenceNumber === 0 ? 1 : 0,
      createdDate: this.#ports.now(),
    });
    this.#unacknowledged.set(sequenceNumber, { bytes, sentAt: this.#ports.now() });
    this.#ports.send(bytes);
  }

  output(payload: Buffer | string): void {
    this.stream(1, payload);
  }

  requestHandshake(
    actions: object[] = [
      {
        ActionType: "SessionType",
        ActionParameters: { SessionType: "InteractiveCommands", Properties: null },
      },
    ],
  ): void {
    this.handshake = "pending";
    this.stream(5, { AgentVersion: "3.3.987.0", RequestedClientActions: actions });
  }

  completeHandshake(customerMessage = ""): void {
    this.handshake = "complete";
    this.stream(7, { HandshakeTimeToComplete: 5_742_300, CustomerMessage: customerMessage });
  }

  receive(data: string | Uint8Array): void {
    if (typeof data === "string") return;
    const frame = plainFrame(data);
    if (frame.type === "acknowledge") {
      const { AcknowledgedMessageSequenceNumber: number } = JSON.parse(frame.payload.toString());
      this.acknowledged.push(number);
      this.#unacknowledged.delete(number);
      return;
    }
    if (frame.type !== "input_stream_data") throw new Error(`unexpected ${frame.type}`);
    this.arrivals.push(frame.sequenceNumber);
    if (!this.acknowledges) return;
    if (frame.sequenceNumber > this.#expected) this.#ahead.set(frame.sequenceNumber, frame);
    this.#acknowledge(frame);
    if (frame.sequenceNumber !== this.#expected) return;
    for (
      let next: PlainFrame | undefined = frame;
      next !== undefined;
      next = this.#ahead.get(this.#expected)
    ) {
      this.#ahead.delete(this.#expected);
      this.#expected++;
      this.#use(next);
    }
  }

  #use(frame: PlainFrame): void {
    if (frame.payloadType === 6) {
      this.handshakeResponses.push(JSON.parse(frame.payload.toString()));
      return;
    }
    if (this.handshake === "pending") {
      this.discarded += frame.payloadType === 1 ? frame.payload.length : 0;
      return;
    }
    if (frame.payloadType === 1) this.input.push(frame.payload);
    else if (frame.payloadType === 3) this.sizes.push(JSON.parse(frame.payload.toString()));
    else throw new Error(`unexpected payload type ${frame.payloadType}`);
  }

  #acknowledge(frame: PlainFrame): void {
    this.#ports.send(
      plainBytes({
        type: "acknowledge",
        flags: 3,
        createdDate: this.#ports.now(),
        payload: {
          AcknowledgedMessageType: frame.type,
          AcknowledgedMessageId: frame.messageId,
          AcknowledgedMessageSequenceNumber: frame.sequenceNumber,
          IsSequentialMessage: true,
        },
      }),
    );
  }

  #resendOldest(): void {
    const oldest = this.#unacknowledged.values().next().value;
    if (oldest === undefined || this.#ports.now() - oldest.sentAt <= RESEND_AFTER_MS) return;
    oldest.sentAt = this.#ports.now();
    this.#ports.send(oldest.bytes);
  }
}

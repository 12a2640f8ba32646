/** What a person read by the right of `audit`. */
export type ReadSubject =
  | { kind: "request"; id: string }
  | { kind: "session"; id: string }
  /** A list in which others' were shown. */
  | { kind: "list"; id: "requests" | "sessions" | "last-resort" }
  /** A use of the role outside the gateway, by CloudTrail's id of a call of it. */
  | { kind: "last_resort"; id: string }
  /** An export of the stored events of one UTC day. */
  | { kind: "events"; id: string }
  /** An activation, by its number, and a text of one, by its hash. */
  | { kind: "activation"; id: string }
  | { kind: "text"; id: string };

/** What was read of others. */
export interface ReadKinds {
  "record.read": {
    data: {
      subject: ReadSubject;
      /** Hours since the epoch: a reader's reads of one subject in one hour are one event. */
      hour: number;
    };
    values: { [none: string]: never };
  };
}

// Loaded into a process before all else (--import): its clock is off by CLOCK_OFF_MS, as a laptop's may be.
const off = Number(process.env["CLOCK_OFF_MS"]);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + off] : args));
  }
  static now() {
    return RealDate.now() + off;
  }
};

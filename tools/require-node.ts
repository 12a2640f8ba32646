/** Ends the run at once unless it is on Node 24: on another version the tests would prove something else. */
if (!process.version.startsWith("v24.")) {
  process.stderr.write(
    `sallyport: error: this needs Node 24, and ${process.version} is running\n` +
      "sallyport: hint: run it through npm (`npm test`), which puts the pinned Node first; " +
      "if `npm ci` skipped the install script of the package `node`, run `npm rebuild node`\n",
  );
  process.exit(1);
}

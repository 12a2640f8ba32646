/** What the schedules ask the watcher for: the record from the mark on, a day of it again, what goes on at SSM. */
export interface WatcherTask {
  task: "compare" | "again" | "sessions";
}

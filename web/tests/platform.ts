import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** As long as a debug build may take to start on a busy machine. */
const START_MS = 120_000;

export interface Platform {
  url: string;
  /** `email:password` of the administrator that a new platform has, unless it was started without sample rows. */
  admin: string;
  /** The folder of its database. */
  state: string;
  stop: () => Promise<void>;
}

/** `cargo local`, as a program and its first arguments: `RED_LOCAL`, or else what cargo builds. */
export function localProgram(): [program: string, first: string[]] {
  const local = process.env.RED_LOCAL;
  return local ? [local, []] : ["cargo", ["run", "--quiet", "--bin", "local", "--"]];
}

/** Starts the whole platform, with a database of its own that is removed afterwards. */
export async function startPlatform(options: readonly string[] = []): Promise<Platform> {
  const state = await mkdtemp(join(tmpdir(), "red product web "));
  const [program, first] = localProgram();
  const environment = { ...process.env };
  delete environment.DATABASE_URL;
  const child = spawn(program, [...first, "up", "--state", state, ...options], {
    cwd: join(import.meta.dirname, "../.."),
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = async () => {
    if (child.exitCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await ended;
    }
    await rm(state, { recursive: true, force: true });
  };
  try {
    return { ...(await announced(child)), state, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the platform says once it is ready. */
async function announced(child: ChildProcess): Promise<{ url: string; admin: string }> {
  const timer = setTimeout(() => child.kill("SIGINT"), START_MS);
  let url: string | undefined;
  let admin = "";
  try {
    if (!child.stdout) throw new Error("the platform says nothing");
    for await (const line of createInterface({ input: child.stdout })) {
      url ??= /^ {2}API +(http:\S+)\/api\/$/.exec(line)?.[1];
      const account = /^ {2}administrator +(\S+) +(\S+)$/.exec(line);
      if (account) admin = `${account[1]}:${account[2]}`;
      if (line.includes("Ctrl-C")) break;
    }
  } finally {
    clearTimeout(timer);
  }
  if (!url) throw new Error("the platform did not start; what it said is above");
  child.stdout?.resume();
  return { url, admin };
}

/** For every test: a platform of ours, or the one that `RED_URL` and `RED_ADMIN` name. */
export default async function setup() {
  if (process.env.RED_URL && process.env.RED_ADMIN) return undefined;
  const platform = await startPlatform();
  process.env.RED_URL = platform.url;
  process.env.RED_ADMIN = platform.admin;
  return platform.stop;
}

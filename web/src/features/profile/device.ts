/** Whose names contain those of the browsers that they pretend to be come first. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/OPR\/|Opera/, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|CriOS\/|Chromium\//, "Chrome"],
  [/Version\/.*Safari\//, "Safari"],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, "Android"],
  [/iPhone|iPod/, "iPhone"],
  [/iPad/, "iPad"],
  [/Windows/, "Windows"],
  [/CrOS/, "ChromeOS"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/Linux|X11/, "Linux"],
];

export interface Device {
  /** A browser, or the program's own name. */
  browser: string | undefined;
  system: string | undefined;
  isMobile: boolean;
}

/** What a device says it is, roughly: enough for its owner to know it again. */
export function device(userAgent: string): Device {
  const name = (list: typeof BROWSERS) => list.find(([pattern]) => pattern.test(userAgent))?.[1];
  return {
    browser: name(BROWSERS) ?? /^(?!Mozilla\b)[\w.-]{1,40}/.exec(userAgent)?.[0],
    system: name(SYSTEMS),
    isMobile: /Mobile|Android|iPhone|iPad/.test(userAgent),
  };
}

// Asks for the files of the first screen while the application is on its way. The build writes which they are.
(() => {
  const files = document.currentScript.dataset;
  const path = location.pathname;
  if (/^\/(register|forgot-password|reset-password|public)(\/|$)/.test(path)) return;
  let wanted = files.signIn;
  if (localStorage.getItem("session") || sessionStorage.getItem("session")) {
    wanted = files.frame;
    if (path === "/" || path === "/dashboard") wanted += ` ${files.dashboard}`;
  }
  for (const href of new Set(wanted.split(" "))) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "modulepreload", href, crossOrigin: "" });
    document.head.append(link);
  }
})();

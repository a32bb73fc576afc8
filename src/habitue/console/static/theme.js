// Before anything is painted: the theme that was chosen, else the system's.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("habitue-theme"); } catch { return null; } };
  const apply = () => {
    document.documentElement.dataset.bsTheme = chosen() || (system.matches ? "dark" : "light");
    document.dispatchEvent(new Event("themechange"));
  };
  system.addEventListener("change", apply);
  window.toggleTheme = () => {
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    const isSystem = next === (system.matches ? "dark" : "light");
    try { isSystem ? localStorage.removeItem("habitue-theme") : localStorage.setItem("habitue-theme", next); } catch { /* private window */ }
    document.documentElement.dataset.bsTheme = next;
    document.dispatchEvent(new Event("themechange"));
  };
  apply();
})();

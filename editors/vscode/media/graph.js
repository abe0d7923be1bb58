// Draws the graph that the extension sends, and tells it which node was chosen.
(function () {
  const vscode = acquireVsCodeApi();
  const root = document.getElementById("graph");

  window.addEventListener("message", (event) => {
    const { svg, note } = event.data;
    if (note !== undefined) {
      root.textContent = note;
      return;
    }
    // The picture is parsed, not put into the page as text: only elements of
    // SVG without scripts come through.
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    if (parsed.nodeName !== "svg") {
      return;
    }
    for (const bad of parsed.querySelectorAll("script, foreignObject, a")) {
      bad.remove();
    }
    root.replaceChildren(document.importNode(parsed, true));
    for (const box of root.querySelectorAll("g[data-node]")) {
      const choose = () => vscode.postMessage({ node: box.getAttribute("data-node") });
      box.setAttribute("tabindex", "0");
      box.addEventListener("click", choose);
      box.addEventListener("keydown", (e) => {
        if (e.key === "Enter" || e.key === " ") {
          choose();
        }
      });
    }
  });
  vscode.postMessage({ ready: true });
})();

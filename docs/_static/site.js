// The theme's own buttons that unfold a part of the list of pages have no name.
addEventListener("DOMContentLoaded", () => {
  for (const summary of document.querySelectorAll("nav details > summary")) {
    summary.setAttribute("aria-label", `pages of ${summary.closest("li").querySelector("a").textContent.trim()}`)
  }
})

(function () {
  "use strict";
  var loaded = 0, leaving = false, timers = [];
  function later(work, ms) { timers.push(setTimeout(work, ms)); }
  function leave() {
    if (leaving) return;
    leaving = true;
    var url = document.getElementById("target").href;
    location.replace(url);
    later(function () { location.href = url; }, 250);
  }
  function check() {
    if (document.readyState === "loading") return;
    if (loaded >= document.getElementsByTagName("iframe").length) later(leave, 500);
  }
  document.addEventListener("load", function (event) {
    if (event.target && event.target.tagName === "IFRAME") { loaded += 1; check(); }
  }, true);
  document.addEventListener("DOMContentLoaded", check);
  later(function () { document.getElementById("redir").hidden = false; }, 2000);
  later(leave, 7000);
  addEventListener("pagehide", function () { timers.forEach(clearTimeout); });
}());

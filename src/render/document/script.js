
"use strict";
document.querySelectorAll(".derivation").forEach(function (derivation) {
  var steps = Array.from(derivation.querySelectorAll(":scope > .steps > li > details"));
  var controls = derivation.querySelector(".controls");
  if (!controls) return;
  var next = controls.querySelector(".next"), all = controls.querySelector(".all"), count = controls.querySelector(".count");
  function closed() { return steps.filter(function (step) { return !step.open; }); }
  function tell() {
    var left = closed().length;
    next.disabled = left === 0;
    all.textContent = left === 0 ? "Fold all" : "All steps";
    count.textContent = (steps.length - left) + " of " + steps.length + (steps.length === 1 ? " step shown" : " steps shown");
  }
  next.addEventListener("click", function () {
    var step = closed()[0];
    if (!step) return;
    step.open = true;
    tell();
    if (next.disabled) all.focus();
    step.scrollIntoView({ block: "nearest" });
  });
  all.addEventListener("click", function () {
    var open = closed().length !== 0;
    steps.forEach(function (step) { step.open = open; });
  });
  steps.forEach(function (step) {
    step.open = false;
    step.addEventListener("toggle", tell);
  });
  controls.hidden = false;
  tell();
});
var folded = [];
window.addEventListener("beforeprint", function () {
  folded = Array.from(document.querySelectorAll("details:not([open])"));
  folded.forEach(function (step) { step.open = true; });
});
window.addEventListener("afterprint", function () {
  folded.forEach(function (step) { step.open = false; });
});
document.querySelectorAll(".scroll").forEach(function (box) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
});

"use strict";
// The page of a perceptual study. What is real and what is synthetic is not in it.

const study = JSON.parse(document.getElementById("study").textContent);
const part = (id) => document.getElementById(id);

let reader = "";
let order = []; // indices of study.images
let answers = []; // of the first images of the order: {image, answer, seconds}
let started = "";
let shownAt = 0;

/** 32 bits out of a text (FNV-1a). */
function hash(text) {
  let bits = 0x811c9dc5;
  for (const letter of new TextEncoder().encode(text)) {
    bits = Math.imul(bits ^ letter, 0x01000193);
  }
  return bits >>> 0;
}

/** Random numbers in [0, 1) that a seed repeats (mulberry32). */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let bits = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

/** Every reader has an order of their own, and the same one again after a pause. */
function orderOf(name) {
  const random = generator(hash(study.study + name));
  const places = study.images.map((_, index) => index);
  for (let last = places.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [places[last], places[other]] = [places[other], places[last]];
  }
  return places;
}

const shelf = () => `gan_mri ${study.study} ${reader}`;

/** What was answered before a pause; a browser may keep nothing for a file, then there is none. */
function recall() {
  try {
    return JSON.parse(localStorage.getItem(shelf())) ?? { answers: [], started: "" };
  } catch {
    return { answers: [], started: "" };
  }
}

function keep() {
  try {
    localStorage.setItem(shelf(), JSON.stringify({ answers, started }));
  } catch {
    // Then a pause begins the study anew; the answers are still saved at the end.
  }
}

function show(id) {
  for (const one of ["start", "trial", "end"]) part(one).hidden = one !== id;
}

function next() {
  if (answers.length === order.length) {
    show("end");
    part("save").focus();
    return;
  }
  const image = study.images[order[answers.length]];
  part("image").src = `data:image/png;base64,${image.png}`;
  part("contrast").textContent = image.contrast;
  part("place").textContent = `${answers.length + 1} of ${order.length}`;
  part("progress").max = order.length;
  part("progress").value = answers.length;
  show("trial");
  shownAt = performance.now();
}

function answer(what) {
  const seconds = Math.round(performance.now() - shownAt) / 1000;
  answers.push({ image: study.images[order[answers.length]].image, answer: what, seconds });
  keep();
  next();
}

function back() {
  answers.pop();
  keep();
  next();
}

function save() {
  const content = { format: 1, study: study.study, reader, started, answers };
  const file = new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `answers_${reader.replace(/[^A-Za-z0-9-]+/g, "_")}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

part("count").textContent = study.images.length;
part("start").addEventListener("submit", (event) => {
  event.preventDefault();
  reader = part("reader").value.trim();
  if (!reader) return;
  order = orderOf(reader);
  ({ answers, started } = recall());
  started = started || new Date().toISOString();
  next();
});
part("real").addEventListener("click", () => answer("real"));
part("synthetic").addEventListener("click", () => answer("synthetic"));
part("back").addEventListener("click", back);
part("again").addEventListener("click", back);
part("save").addEventListener("click", save);
document.addEventListener("keydown", (event) => {
  if (part("trial").hidden || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === "r" || key === "arrowleft") answer("real");
  else if (key === "s" || key === "arrowright") answer("synthetic");
  else if (key === "backspace") back();
  else return;
  event.preventDefault();
});

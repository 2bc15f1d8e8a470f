// Makes pages nicer. Everything works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Times, relative to now, in the page's language; data-relative is for how many days.
  const relative = new Intl.RelativeTimeFormat(root.lang, { numeric: "auto" });
  const units = [["second", 1], ["minute", 60], ["hour", 3600], ["day", 86400]];
  const tellTimes = () => {
    for (const time of all("time[data-relative]")) {
      const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
      const age = Math.abs(seconds);
      // What is further away is easier to understand as a date.
      if (!(age < time.dataset.relative * 86400)) {
        time.textContent = time.title;
        continue;
      }
      const [unit, length] = units.findLast(([, length]) => age >= length) ?? units[0];
      time.textContent = relative.format(unit === "second" ? 0 : Math.round(seconds / length), unit);
    }
  };
  tellTimes();
  setInterval(tellTimes, 60000);

  // Fields, as soon as they are left.
  const complain = (field, message) => {
    const slot = document.getElementById(`${field.id}-error`);
    if (!slot) return;
    slot.textContent = message;
    slot.hidden = !message;
    if (message) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };
  // In Unicode scalar values, as the server counts; a line break is one.
  const length = (field) => [...field.value].length;
  const problem = (field) => {
    const { validity, dataset } = field;
    if (validity.badInput) return dataset.wrong ?? "";
    if (validity.valueMissing || (field.required && !field.value.trim())) return dataset.missing ?? "";
    if (validity.typeMismatch) return dataset.wrong ?? "";
    if (length(field) > dataset.max) return dataset.tooLong ?? "";
    return "";
  };
  const fields = "input[required], textarea[required], select[required], input[data-wrong], [data-max]";
  for (const field of all(fields)) {
    field.addEventListener("blur", () => {
      if (field.value || field.validity.badInput || field.getAttribute("aria-invalid")) complain(field, problem(field));
    });
    field.addEventListener("input", () => {
      if (field.getAttribute("aria-invalid") && !problem(field)) complain(field, "");
    });
  }

  // How much room is left in a long text.
  for (const area of all("textarea[data-count]")) {
    const count = document.createElement("p");
    count.className = "hint count-hint";
    count.setAttribute("aria-hidden", "true");
    const number = new Intl.NumberFormat(root.lang);
    const tell = () => {
      const [used, max] = [length(area), Number(area.dataset.max)];
      count.hidden = used < max * 0.8;
      count.classList.toggle("count-over", used > max);
      count.textContent = `${number.format(used)} / ${number.format(max)}`;
    };
    area.after(count);
    area.addEventListener("input", tell);
    tell();
  }

  // Passwords, to be looked at.
  for (const button of all("button[data-reveal]")) {
    const field = document.getElementById(button.dataset.reveal);
    const show = button.textContent;
    button.hidden = false;
    button.setAttribute("aria-controls", field.id);
    button.addEventListener("click", () => {
      const reveal = field.type === "password";
      field.type = reveal ? "text" : "password";
      button.textContent = reveal ? button.dataset.hide : show;
    });
  }

  // What was typed into a form is kept when it is sent, for whom it is, in this tab alone. Where
  // the answer is a page that knows nobody, because the session is over or something is out of
  // reach, it is given back when they are at the form again.
  const { viewer } = document.body.dataset;
  // A password that is looked at is text as well, but for its autocomplete.
  const typed = "textarea[name], select[name], input[type=text][name]:not([hidden], [autocomplete$=password]), input[name^=shown-]";
  const texts = (within) => all(typed, within);
  const keep = (draft) => sessionStorage.setItem("draft", JSON.stringify(draft));
  const keepTyped = (form) => {
    const fields = texts(form).map(({ name, value }) => [name, value]);
    if (viewer && fields.length) keep({ viewer, path: location.pathname, fields: Object.fromEntries(fields) });
  };
  const draft = JSON.parse(sessionStorage.getItem("draft"));
  if (document.querySelector("form[data-draft]")) {
    // The server gives it back.
    sessionStorage.removeItem("draft");
  } else if (draft && !viewer && !document.querySelector(".alert-success")) {
    keep({ ...draft, isLost: true });
  } else if (draft?.isLost && draft.viewer === viewer) {
    if (draft.path === location.pathname) {
      for (const form of all("form[method=post]")) {
        for (const field of texts(form)) {
          const text = draft.fields[field.name];
          if (text === undefined || text === field.value) continue;
          field.value = text;
          field.focus();
        }
      }
      sessionStorage.removeItem("draft");
    }
  } else {
    sessionStorage.removeItem("draft");
  }

  // Files are sent as soon as they are chosen, dropped or pasted; the form has only their ids. A form
  // that is sent before its files have arrived goes when they have.
  const arriving = new Map();
  // The server takes few of one user at a time.
  const waiting = [];
  let going = 0;
  const go = () => {
    while (going < 3 && waiting.length) {
      going += 1;
      waiting.shift()();
    }
  };
  const token = () => /(?:^|; )breeze_portal_csrf_token=([^;]*)/.exec(document.cookie)?.[1] ?? "";
  for (const box of all("[data-files]")) {
    const input = box.querySelector("input[type=file]");
    const list = box.querySelector("ul");
    const { form } = input;
    const reasons = { 400: "refused", 409: "noRoom", 413: "tooLarge", 429: "noRoom" };
    const add = (tag, properties) => Object.assign(document.createElement(tag), properties);
    const send = (file) => {
      const item = add("li");
      const name = add("bdi", { textContent: file.name });
      const bar = add("progress", { max: 1, value: 0, ariaLabel: file.name });
      item.append(name, bar);
      list.append(item);
      const left = arriving.get(form) ?? { files: 0 };
      left.files += 1;
      arriving.set(form, left);
      const request = new XMLHttpRequest();
      request.open("POST", "/api/v1/portal/uploads");
      request.responseType = "json";
      const quoted = encodeURIComponent(file.name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
      request.setRequestHeader("content-disposition", `attachment; filename*=UTF-8''${quoted}`);
      request.setRequestHeader("content-type", "application/octet-stream");
      request.setRequestHeader("x-breeze-csrf", token());
      request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = total ? loaded / total : 0; });
      request.addEventListener("loadend", () => {
        const { status } = request;
        const id = status === 201 && request.response?.upload?.id;
        if (id) {
          const label = add("label", { htmlFor: `file-${id}` });
          label.append(name);
          item.replaceChildren(add("input", { type: "checkbox", name: "attachment", value: id, id: `file-${id}`, checked: true }), label);
        } else {
          const reason = status === 400 && !file.size ? "empty" : reasons[status] ?? "failed";
          bar.replaceWith(add("span", { className: "error", textContent: box.dataset[reason] }));
        }
        going -= 1;
        go();
        left.files -= 1;
        left.failed ||= !id;
        if (left.files) return;
        arriving.delete(form);
        // Not without a file that was meant to go along.
        if (left.isSent && !left.failed) form.requestSubmit(left.submitter);
      });
      waiting.push(() => request.send(file));
      go();
    };
    input.addEventListener("change", () => {
      for (const file of input.files) send(file);
      input.value = "";
    });
    form.addEventListener("paste", (event) => {
      const { files, types } = event.clipboardData;
      // What was copied from a document is text, with a picture of it.
      if (!files.length || types.includes("text/plain")) return;
      event.preventDefault();
      for (const file of files) send(file);
    });
    const isOfFiles = (event) => event.dataTransfer?.types.includes("Files");
    form.addEventListener("dragover", (event) => {
      if (!isOfFiles(event)) return;
      event.preventDefault();
      form.classList.add("dropping");
    });
    for (const end of ["dragleave", "drop"]) form.addEventListener(end, () => form.classList.remove("dropping"));
    form.addEventListener("drop", (event) => {
      if (!isOfFiles(event)) return;
      event.preventDefault();
      for (const file of event.dataTransfer.files) send(file);
    });
  }

  // Forms: checked here first, and sent once.
  const sent = new Set();
  for (const form of all("form[method=post]")) {
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      const broken = all(fields, form).filter((field) => {
        const message = problem(field);
        if (message) complain(field, message);
        return message;
      });
      if (broken.length) {
        event.preventDefault();
        broken[0].focus();
      } else if (sent.has(form)) {
        event.preventDefault();
      } else if (arriving.has(form)) {
        event.preventDefault();
        Object.assign(arriving.get(form), { isSent: true, submitter: event.submitter });
      } else {
        sent.add(form);
        keepTyped(form);
        event.submitter?.setAttribute("aria-disabled", "true");
      }
    });
  }

  // Menus close when one turns away from them.
  const menus = all("details[data-menu]");
  addEventListener("click", (event) => {
    for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus.filter((menu) => menu.open)) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // A page that the browser brings back may be of somebody who has signed out since.
  addEventListener("pageshow", (event) => {
    if (event.persisted && viewer) location.reload();
    for (const form of sent) all("[aria-disabled]", form).forEach((button) => button.removeAttribute("aria-disabled"));
    sent.clear();
  });

  // What is wrong is read first.
  document.querySelector("[data-summary]")?.focus();
})();

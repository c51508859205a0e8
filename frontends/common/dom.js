/**
 * Elements are made of names, properties and children: text is text, whatever is in it. No page here
 * sets innerHTML, and its Content-Security-Policy would not let it.
 */

const SVG = 'http://www.w3.org/2000/svg';

/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id);

/** `element('p', { class: 'hint' }, 'Nothing yet')`; a property that starts with `on` is a listener. */
export const element = (name, properties = {}, ...children) =>
  filled(document.createElement(name), properties, children);

/** The same of SVG. */
export const drawn = (name, properties = {}, ...children) =>
  filled(document.createElementNS(SVG, name), properties, children);

function filled(made, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((each) => each != null));
  return made;
}

/** Run `work` while `form` takes no second press; what fails is told in the form's place for it. */
export async function submitting(form, work, tell) {
  const controls = [...form.elements].filter((each) => !each.disabled);
  tell('');
  form.setAttribute('aria-busy', 'true');
  for (const each of controls) each.disabled = true;
  try {
    await work();
  } catch (error) {
    tell(error.message);
  } finally {
    for (const each of controls) each.disabled = false;
    form.removeAttribute('aria-busy');
  }
}

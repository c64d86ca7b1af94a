const texts = new Set(['description', 'because', 'message', 'advice', 'warnings']);

const nameOf = (node) => node?.name ?? node?.value;

/** What is written for people, such as descriptions and messages, is no behaviour: no test should repeat it word for word. */
const prose = {
  shouldIgnore(path) {
    const { node } = path;
    if (node.type === 'ObjectProperty' && texts.has(nameOf(node.key))) return 'prose';
    if (node.type === 'VariableDeclarator' && texts.has(nameOf(node.id))) return 'prose';
    if (node.type === 'NewExpression' && String(nameOf(node.callee)).endsWith('Error')) return 'prose';
    return undefined;
  },
};

export const strykerPlugins = [{ kind: 'Ignore', name: 'prose', value: prose }];

import { projectNameProblem } from '../../../domain/plan/plan-names';

describe('projectNameProblem', () => {
  it.each(['my-app', 'A', '7', 'my.app_2-x', 'a'.repeat(63)])('accepts %s', (name) => {
    expect(projectNameProblem(name)).toBeNull();
  });

  it.each([
    ['my app', 'my-app'],
    ['team/app', 'team-app'],
    ['-app', 'app'],
    ['a\n', 'a'],
    ['', 'my-app'],
    ['日本', 'my-app'],
    ['a'.repeat(64), 'a'.repeat(63)],
  ])('refuses %j and suggests %s', (name, suggestion) => {
    const problem = projectNameProblem(name);
    expect(problem).toMatch(/^must be 1 to 63 letters/);
    expect(problem).toContain(`"${suggestion}"`);
    expect(projectNameProblem(suggestion)).toBeNull();
  });
});

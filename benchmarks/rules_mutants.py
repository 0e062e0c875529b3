"""How many layouts just beyond a rule's limit are found, and how many just inside pass.

python -m benchmarks.rules_mutants
"""

from layoutgen.rules.engine import run_rule
from tests.rules.mutants import mutants
from tests.rules.webs import web


def main():
    rules = web().pdk.rules
    caught = beyond_all = passed = inside_all = 0
    for rule in rules.values():
        beyond, inside = mutants(rule)
        caught += sum(bool(run_rule(item, rule).violations) for _, item in beyond)
        passed += sum(not run_rule(item, rule).violations for _, item in inside)
        beyond_all, inside_all = beyond_all + len(beyond), inside_all + len(inside)
    print(f"{len(rules)} rules: {caught} of {beyond_all} mutants beyond the limit found,")
    print(f"{passed} of {inside_all} just inside pass")


if __name__ == "__main__":
    main()

// SPDX-License-Identifier: MIT
// A class within itself: it has states, and no shape.
#include <refold/aggregate.hpp>

namespace
{

struct tree {
    std::string name;
    std::vector<tree> left;
    std::map<std::string, tree> right;

    template <class Visitor> void fields(Visitor &visit)
    {
        visit("name", name);
        visit("left", left);
        visit("right", right);
    }

    void apply(const refold::event &event)
    {
        *this = event.get<tree>("tree");
    }
};

const refold_type types[] = {REFOLD_TYPE("Set", 1)};

} // namespace

REFOLD_CLASS("tree", 1, tree, types)

// SPDX-License-Identifier: MIT
// A state of all that aggregate.hpp can hold, and an aggregate that does what none should: told by
// its events. Old compilers must do: C++11.
#include <refold/aggregate.hpp>

#include <cstdlib>
#include <iostream>
#include <stdexcept>

namespace
{

enum { SET = 1, ADDED, SCALED, DONE, OLD };

const refold_type types[] = {
    REFOLD_TYPE("Set", SET),   REFOLD_TYPE("Added", ADDED), REFOLD_TYPE("Scaled", SCALED),
    REFOLD_TYPE("Done", DONE), REFOLD_TYPE("Old", OLD),
};

const refold_type commands[] = {
    REFOLD_COMMAND("Copy", 1),
    REFOLD_COMMAND("Clear", 2),
    REFOLD_COMMAND("Fall", 3),
};

enum class mood { none, calm, loud };
const char *const moods[] = {"", "calm", "\"loud\""};

struct note {
    std::string text;
    refold::optional<std::int64_t> page;

    template <class Visitor> void fields(Visitor &visit)
    {
        visit("text", text);
        visit("page", page);
    }
};

struct book {
    std::string title;
    float weight = 0;
    std::uint16_t pages = 0;
    std::list<note> notes;
    refold::optional<note> last;

    template <class Visitor> void fields(Visitor &visit)
    {
        visit("title", title);
        visit("weight", weight);
        visit("pages", pages);
        visit("notes", notes);
        visit("last", last);
    }
};

class shelf
{
  public:
    shelf()
    {
        alive++;
    }
    ~shelf()
    {
        alive--;
    }
    shelf(const shelf &) = delete;
    shelf &operator=(const shelf &) = delete;

    template <class Visitor> void fields(Visitor &visit)
    {
        visit("open", open_);
        visit("mood", mood_, moods);
        visit("width", width_);
        visit("natural", natural_);
        visit("real", real_);
        visit("built", built_);
        visit("closed", closed_);
        visit("books", books_);
        visit("by/name", by_name_);
        visit("times", times_);
        visit("bits", bits_);
        visit("deep", deep_);
    }

    void apply(const refold::event &event)
    {
        switch (event.kind()) {
        case SET:
            set(event);
            break;
        case ADDED:
            books_.push_back(event.get<book>("book"));
            by_name_[books_.back().title] = books_.back();
            times_.push_back(event.at());
            times_.push_back(refold::time());
            break;
        case SCALED:
            real_ /= event.get<double>("by");
            break;
        default:
            misbehave(event.get<std::string>("deed"));
        }
    }

    void check(const refold::event &last) const
    {
        if (width_ > 1000) {
            throw refold::refusal("version " + std::to_string(last.version()) +
                                  " makes it too wide");
        }
    }

    static void upcast(const refold::event &stored, refold::today &now)
    {
        if (stored.kind() == OLD) {
            std::map<std::string, std::int64_t> data;
            data["width"] = stored.get<std::int64_t>("w");
            now.type("Set");
            now.data(data);
        }
    }

    static bool identify(const std::string &bytes, refold::identified &ret)
    {
        if (bytes.compare(0, 6, "shelf ") != 0) {
            return false;
        }
        if (bytes.size() == 6) {
            throw refold::refusal("it has no id");
        }
        ret.id(bytes.substr(6));
        ret.type("Set");
        ret.version(1);
        return true;
    }

    void handle(const refold::command &command) const
    {
        switch (command.kind()) {
        case 1:
            command.emit("Set");
            for (const book &each : books_) {
                std::map<std::string, book> data;
                data["book"] = each;
                command.emit("Added", data);
            }
            break;
        case 2:
            throw refold::refusal("never");
        default:
            throw std::logic_error("fell over a command");
        }
    }

  private:
    void set(const refold::event &event)
    {
        std::int64_t number = 0;
        if (event.find("mood", number)) {
            mood_ = static_cast<mood>(number);
        }
        event.find("open", open_);
        event.find("width", width_);
        event.find("natural", natural_);
        event.find("real", real_);
        event.find("built", built_);
        closed_ = refold::time(); // has a value, which is none
        event.find("bits", bits_);
        event.find("deep", deep_);
    }

    void misbehave(const std::string &deed)
    {
        if (deed == "throw") {
            throw std::runtime_error("the shelf fell");
        } else if (deed == "throw 7") {
            throw 7;
        } else if (deed == "exit") {
            std::exit(0);
        } else if (deed == "loop") {
            for (volatile bool on = true; on;) {
            }
        } else if (deed == "hog") {
            for (;;) {
                hogged_.push_back(std::string(1 << 20, 'x'));
            }
        } else if (deed == "print") {
            std::cout << "shelf of " << books_.size() << std::endl;
        } else if (deed == "late") {
            built_.seconds = 253402300800;
            built_.set = 1;
        } else if (deed == "moody") {
            mood_ = static_cast<mood>(9);
        } else if (deed == "alive") {
            width_ = alive;
        }
    }

    static int alive; // what purity would forbid: to show that destructors run

    bool open_ = false;
    mood mood_ = mood::none;
    std::int32_t width_ = 0;
    std::uint64_t natural_ = 0;
    double real_ = 0;
    refold::time built_;
    refold::optional<refold::time> closed_;
    std::vector<book> books_;
    std::unordered_map<std::string, book> by_name_;
    std::deque<refold::time> times_;
    std::vector<bool> bits_;
    std::map<std::string, std::map<std::string, double>> deep_;
    std::list<std::string> hogged_;
};

int shelf::alive = 0;

} // namespace

REFOLD_CLASS_COMMANDS("shelf", 4, shelf, types, commands)

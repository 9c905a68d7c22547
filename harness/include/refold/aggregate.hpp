// SPDX-License-Identifier: MIT
/**
 * @file
 * Aggregates in C++11 and later, over the C ABI of refold/aggregate.h.
 *
 * The state is a class with members of the standard library. It says once what its members are
 * called; snapshot, restore and the shape in reports come from that:
 *
 *     struct counter {
 *         std::int64_t total = 0;
 *         std::map<std::string, std::int64_t> by_name;
 *
 *         template <class Visitor> void fields(Visitor &visit)
 *         {
 *             visit("total", total);
 *             visit("byName", by_name);
 *         }
 *
 *         void apply(const refold::event &event)
 *         {
 *             auto by = event.get<std::int64_t>("By"); // refuses: "By is not an integer"
 *             total += by;
 *             by_name[event.get<std::string>("Name")] += by;
 *         }
 *     };
 *
 *     const refold_type types[] = {REFOLD_TYPE("Added", 1)};
 *     REFOLD_CLASS("counter", 1, counter, types)
 *
 * - `apply` refuses an event by throwing a refold::refusal. Any other exception is a crash, whose
 *   last words are its type and what().
 * - Members are bool, integers, float and double, std::string, refold::time, vector, deque, list,
 *   map and unordered_map of std::string, refold::optional (or std::optional), and classes that
 *   have `fields`. An enum is visited with its names: visit("status", status, status_names).
 * - In JSON a refold::time that is not set, an optional without value and an enum that is 0 are
 *   absent, or null as elements.
 * - Optional: `void handle(const refold::command &) const` (then REFOLD_CLASS_COMMANDS),
 *   `void check(const refold::event &) const`, `static void upcast(const refold::event &,
 *   refold::today &)`, `static bool identify(const std::string &bytes, refold::identified &)`; each
 *   may throw a refusal.
 *
 * What refold/aggregate.h says of purity and of borrowed memory holds here too, but that the
 * state's memory is its own.
 */
#ifndef REFOLD_AGGREGATE_HPP
#define REFOLD_AGGREGATE_HPP

#include <refold/aggregate.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <exception>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>
#if __cplusplus >= 201703L
#include <optional>
#endif

namespace refold
{

/** Why an event or a command is refused: `throw refold::refusal("Qty is not an integer");`. */
class refusal : public std::exception
{
  public:
    explicit refusal(std::string text) : text_(std::move(text))
    {
    }
    const char *what() const noexcept override
    {
        return text_.c_str();
    }
    const std::string &text() const
    {
        return text_;
    }

  private:
    std::string text_;
};

/** An instant, or none. */
struct time : refold_time {
    time()
    {
        seconds = 0;
        nanos = 0;
        set = 0;
    }
    time(const refold_time &at)
    {
        seconds = at.seconds;
        nanos = at.nanos;
        set = at.set;
    }
    explicit operator bool() const
    {
        return set != 0;
    }
    friend bool operator==(const time &a, const time &b)
    {
        return a.set == b.set && a.seconds == b.seconds && a.nanos == b.nanos;
    }
    friend bool operator<(const time &a, const time &b)
    {
        return a.seconds != b.seconds ? a.seconds < b.seconds : a.nanos < b.nanos;
    }
};

#if __cplusplus >= 201703L
template <class T> using optional = std::optional<T>;
#else
/** A value or none: of std::optional what a state needs. */
template <class T> class optional
{
  public:
    optional() = default;
    optional(T value) : value_(new T(std::move(value)))
    {
    }
    optional(const optional &other) : value_(other.value_ ? new T(*other.value_) : nullptr)
    {
    }
    optional(optional &&) = default;
    optional &operator=(optional other)
    {
        value_.swap(other.value_);
        return *this;
    }
    bool has_value() const
    {
        return value_ != nullptr;
    }
    explicit operator bool() const
    {
        return has_value();
    }
    T &operator*()
    {
        return *value_;
    }
    const T &operator*() const
    {
        return *value_;
    }
    T *operator->()
    {
        return value_.get();
    }
    const T *operator->() const
    {
        return value_.get();
    }
    void reset()
    {
        value_.reset();
    }

  private:
    std::unique_ptr<T> value_;
};
#endif

namespace detail
{

/* ---- writing ---- */

/** Appends JSON; the host makes it canonical. */
class writer
{
  public:
    std::string text;
    /** Why there is no JSON; empty: there is. */
    std::string fault;

    void string(const char *bytes, std::size_t count)
    {
        text += '"';
        for (std::size_t i = 0; i < count; i++) {
            unsigned char byte = static_cast<unsigned char>(bytes[i]);
            if (byte < 0x20) {
                char escape[8];
                (void)std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(byte));
                text += escape;
                continue;
            }
            if (byte == '"' || byte == '\\') {
                text += '\\';
            }
            text += bytes[i];
        }
        text += '"';
    }

    /** What is not finite is written so that the host knows it for that. */
    void real(double value)
    {
        if (!std::isfinite(value)) {
            text += std::isnan(value) ? "2e999" : value > 0 ? "1e999" : "-1e999";
            return;
        }
        char digits[40];
        int count = std::snprintf(digits, sizeof(digits), "%.17g", value);
        for (int i = 0; i < count; i++) {
            char c = digits[i];
            bool plain = (c >= '0' && c <= '9') || c == '-' || c == '+' || c == 'e';
            text += plain ? c : '.'; /* whatever the locale has for it */
        }
    }

    /** In front of a member or an element. */
    void separate()
    {
        if (text.back() != '{' && text.back() != '[') {
            text += ',';
        }
    }

    void key(const char *name, std::size_t count)
    {
        separate();
        string(name, count);
        text += ':';
    }
};

/* ---- reading ---- */

/** Reads values; where one cannot be read, `text` says why and `pointer` where. */
struct reader {
    const refold_host *host;
    /** Members that no one asks for are faults. */
    bool strict;
    std::string pointer;
    std::string text;

    bool fail(const std::string &why)
    {
        text = why;
        return false;
    }

    bool fail_below(const std::string &step)
    {
        std::string front = "/";
        for (char c : step) {
            front += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        }
        pointer = front + pointer;
        return false;
    }
};

inline std::string
copy_of(const refold_string &bytes)
{
    return bytes.len == 0 ? std::string()
                          : std::string(bytes.ptr, static_cast<std::size_t>(bytes.len));
}

/* ---- shapes ---- */

/** The rows that describe all states of this shared object. */
struct rows {
    std::deque<std::vector<refold_field>> kept;
    /** A class within itself has no shape. */
    bool endless = false;
    int depth = 0;

    const refold_field *keep(std::vector<refold_field> some)
    {
        kept.push_back(std::move(some));
        return kept.back().data();
    }
};

/** Beside a snapshot rows only describe; sizes do not count, but there must be one. */
inline refold_field
blank_row(const char *name)
{
    refold_field row = refold_field();
    row.name = name;
    row.present = REFOLD_NO_PRESENCE;
    row.size = UINT32_MAX;
    return row;
}

/* ---- types ----
 *
 * For each type: write it; read it; describe it; what it is called; whether it is none, as a member
 * that is then absent and an element that is then null; make it none, where it can be.
 */

template <class T, class = void> struct codec;

template <class T> struct plain {
    static bool is_none(const T &)
    {
        return false;
    }
    static bool make_none(T &)
    {
        return false;
    }
};

template <> struct codec<bool> : plain<bool> {
    static const char *what()
    {
        return "true or false";
    }
    static void write(writer &out, const bool &value)
    {
        out.text += value ? "true" : "false";
    }
    static bool read(reader &in, const refold_value &value, bool &ret)
    {
        std::int32_t flag = 0;
        bool good = in.host->to_bool(&value, &flag) != 0;
        ret = good ? flag != 0 : ret;
        return good;
    }
    static void describe(rows &, refold_field &row)
    {
        row.kind = REFOLD_F_BOOL;
    }
};

template <class T>
struct codec<T,
             typename std::enable_if<std::is_integral<T>::value && std::is_signed<T>::value>::type>
    : plain<T> {
    static const char *what()
    {
        return "an integer";
    }
    static void write(writer &out, const T &value)
    {
        out.text += std::to_string(static_cast<long long>(value));
    }
    static bool read(reader &in, const refold_value &value, T &ret)
    {
        std::int64_t wide = 0;
        if (!in.host->to_int64(&value, &wide) || wide < std::numeric_limits<T>::min() ||
            wide > std::numeric_limits<T>::max()) {
            return false;
        }
        ret = static_cast<T>(wide);
        return true;
    }
    static void describe(rows &, refold_field &row)
    {
        row.kind = sizeof(T) <= 4 ? REFOLD_F_INT32 : REFOLD_F_INT64;
    }
};

template <class T>
struct codec<T, typename std::enable_if<std::is_integral<T>::value && std::is_unsigned<T>::value &&
                                        !std::is_same<T, bool>::value>::type> : plain<T> {
    static const char *what()
    {
        return "a natural number";
    }
    static void write(writer &out, const T &value)
    {
        out.text += std::to_string(static_cast<unsigned long long>(value));
    }
    static bool read(reader &in, const refold_value &value, T &ret)
    {
        std::uint64_t wide = 0;
        if (!in.host->to_uint64(&value, &wide) || wide > std::numeric_limits<T>::max()) {
            return false;
        }
        ret = static_cast<T>(wide);
        return true;
    }
    static void describe(rows &, refold_field &row)
    {
        row.kind = REFOLD_F_UINT64;
    }
};

template <class T>
struct codec<T, typename std::enable_if<std::is_same<T, float>::value ||
                                        std::is_same<T, double>::value>::type> : plain<T> {
    static const char *what()
    {
        return "a number";
    }
    static void write(writer &out, const T &value)
    {
        out.real(static_cast<double>(value));
    }
    static bool read(reader &in, const refold_value &value, T &ret)
    {
        double real = 0;
        bool good = in.host->to_real(&value, &real) != 0;
        ret = good ? static_cast<T>(real) : ret;
        return good;
    }
    static void describe(rows &, refold_field &row)
    {
        row.kind = REFOLD_F_REAL;
    }
};

template <> struct codec<std::string> : plain<std::string> {
    static const char *what()
    {
        return "a string";
    }
    static void write(writer &out, const std::string &value)
    {
        out.string(value.data(), value.size());
    }
    static bool read(reader &in, const refold_value &value, std::string &ret)
    {
        refold_string bytes = refold_string();
        bool good = in.host->to_string(&value, &bytes) != 0;
        if (good) {
            ret = copy_of(bytes);
        }
        return good;
    }
    static void describe(rows &, refold_field &row)
    {
        row.kind = REFOLD_F_TEXT;
    }
};

/** The civil date of a day since 1970-01-01, as yyyy-mm-dd. */
inline std::string
date_of(std::int64_t days)
{
    days += 719468;
    std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    std::int64_t day = days - era * 146097;
    std::int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    std::int64_t march = (5 * day + 2) / 153;
    std::int64_t month = march < 10 ? march + 3 : march - 9;
    year += era * 400 + (month <= 2);
    char text[64];
    (void)std::snprintf(text, sizeof(text), "%04d-%02d-%02d", static_cast<int>(year),
                        static_cast<int>(month), static_cast<int>(day - (153 * march + 2) / 5 + 1));
    return text;
}

template <> struct codec<time> {
    static const char *what()
    {
        return "a time";
    }
    static void write(writer &out, const time &at)
    {
        if (at.seconds < -62135596800 || at.seconds > 253402300799 || at.nanos < 0 ||
            at.nanos > 999999999) {
            out.fault = "a time is none of the years 1 to 9999";
            return;
        }
        std::int64_t days = at.seconds / 86400 - (at.seconds % 86400 < 0);
        int second = static_cast<int>(at.seconds - days * 86400);
        char clock[64];
        (void)std::snprintf(clock, sizeof(clock), "T%02d:%02d:%02d.%09dZ", second / 3600,
                            second / 60 % 60, second % 60, static_cast<int>(at.nanos));
        std::string text(clock);
        text.erase(text.find_last_not_of("0", text.size() - 2) + 1, text.size());
        text.erase(text.find_last_not_of(".") + 1);
        text = date_of(days) + text + "Z";
        out.string(text.data(), text.size());
    }
    static bool read(reader &in, const refold_value &value, time &ret)
    {
        refold_time at = refold_time();
        bool good = value.kind == REFOLD_NULL || in.host->to_time(&value, &at);
        ret = good ? time(at) : ret;
        return good;
    }
    static void describe(rows &, refold_field &row)
    {
        row.kind = REFOLD_F_TIME;
    }
    static bool is_none(const time &at)
    {
        return at.set == 0;
    }
    static bool make_none(time &at)
    {
        at = time();
        return true;
    }
};

/* The codec of what may be none knows what is in it: elements are null where they are none. */

template <class T>
void
write_element(writer &out, const T &value)
{
    if (codec<T>::is_none(value)) {
        out.text += "null";
    } else {
        codec<T>::write(out, value);
    }
}

template <class T>
bool
read_inner(reader &in, const refold_value &value, T &ret)
{
    if (codec<T>::read(in, value, ret)) {
        return true;
    }
    return in.text.empty() ? in.fail(std::string("is not ") + codec<T>::what()) : false;
}

/** Describes what is in a list, a map or an optional; `ret` is none where that is endless. */
template <class T>
void
describe_inner(rows &all, refold_field &row)
{
    if (++all.depth > 30) {
        all.endless = true;
    }
    if (!all.endless) {
        codec<T>::describe(all, row);
    }
    all.depth--;
}

template <class T>
void
describe_container(rows &all, std::uint32_t kind, refold_field &row)
{
    refold_field element = blank_row(nullptr);
    describe_inner<T>(all, element);
    row.kind = kind;
    row.count = 1;
    row.fields = all.keep(std::vector<refold_field>(1, element));
}

template <class T> struct codec<optional<T>> {
    static const char *what()
    {
        return codec<T>::what();
    }
    static void write(writer &out, const optional<T> &value)
    {
        codec<T>::write(out, *value);
    }
    static bool read(reader &in, const refold_value &value, optional<T> &ret)
    {
        T inner = T();
        if (value.kind == REFOLD_NULL) {
            ret.reset();
            return true;
        }
        bool good = codec<T>::read(in, value, inner);
        if (good) {
            ret = std::move(inner);
        }
        return good;
    }
    static void describe(rows &all, refold_field &row)
    {
        describe_inner<T>(all, row);
    }
    static bool is_none(const optional<T> &value)
    {
        return !value.has_value() || codec<T>::is_none(*value);
    }
    static bool make_none(optional<T> &value)
    {
        value.reset();
        return true;
    }
};

template <class List, class T> struct list_codec : plain<List> {
    static const char *what()
    {
        return "an array";
    }
    static void write(writer &out, const List &list)
    {
        out.text += '[';
        for (const T &element : list) {
            out.separate();
            write_element<T>(out, element);
        }
        out.text += ']';
    }
    static bool read(reader &in, const refold_value &value, List &ret)
    {
        std::uint64_t cursor = 0;
        refold_value element;
        if (value.kind != REFOLD_ARRAY) {
            return false;
        }
        ret.clear();
        while (in.host->next(&value, &cursor, nullptr, &element)) {
            T inner = T();
            if (!read_inner<T>(in, element, inner)) {
                return in.fail_below(std::to_string(ret.size()));
            }
            ret.push_back(std::move(inner));
        }
        return true;
    }
    static void describe(rows &all, refold_field &row)
    {
        describe_container<T>(all, REFOLD_F_LIST, row);
    }
};

template <class T> struct codec<std::vector<T>> : list_codec<std::vector<T>, T> {
};
template <class T> struct codec<std::deque<T>> : list_codec<std::deque<T>, T> {
};
template <class T> struct codec<std::list<T>> : list_codec<std::list<T>, T> {
};

template <class Map, class T> struct map_codec : plain<Map> {
    static const char *what()
    {
        return "an object";
    }
    static void write(writer &out, const Map &map)
    {
        out.text += '{';
        for (const auto &entry : map) {
            out.key(entry.first.data(), entry.first.size());
            write_element<T>(out, entry.second);
        }
        out.text += '}';
    }
    static bool read(reader &in, const refold_value &value, Map &ret)
    {
        std::uint64_t cursor = 0;
        refold_string key;
        refold_value element;
        if (value.kind != REFOLD_OBJECT) {
            return false;
        }
        ret.clear();
        while (in.host->next(&value, &cursor, &key, &element)) {
            std::string name = copy_of(key);
            T inner = T();
            if (!read_inner<T>(in, element, inner)) {
                return in.fail_below(name);
            }
            ret[name] = std::move(inner);
        }
        return true;
    }
    static void describe(rows &all, refold_field &row)
    {
        describe_container<T>(all, REFOLD_F_MAP, row);
    }
};

template <class T> struct codec<std::map<std::string, T>> : map_codec<std::map<std::string, T>, T> {
};
template <class T>
struct codec<std::unordered_map<std::string, T>>
    : map_codec<std::unordered_map<std::string, T>, T> {
};

/* ---- classes that have `fields` ---- */

class member_writer
{
  public:
    explicit member_writer(writer &out) : out_(out)
    {
    }
    template <class T> void operator()(const char *name, T &member)
    {
        if (!codec<T>::is_none(member)) {
            out_.key(name, std::strlen(name));
            codec<T>::write(out_, member);
        }
    }
    template <class T, std::size_t N>
    void operator()(const char *name, T &member, const char *const (&names)[N])
    {
        std::size_t number = static_cast<std::size_t>(member);
        if (number != 0) {
            out_.key(name, std::strlen(name));
            const char *text = number < N ? names[number] : "";
            out_.string(text, std::strlen(text));
            if (number >= N) {
                out_.fault = std::string(name) + ": the enum's value has no name";
            }
        }
    }

  private:
    writer &out_;
};

class member_reader
{
  public:
    member_reader(reader &in, const refold_value &object) : in_(in), object_(object)
    {
    }
    template <class T> void operator()(const char *name, T &member)
    {
        refold_value value;
        if (!find(name, value)) {
            good_ = good_ && (codec<T>::make_none(member) || is_missing(name));
        } else if (!read_inner<T>(in_, value, member)) {
            good_ = in_.fail_below(name);
        }
    }
    template <class T, std::size_t N>
    void operator()(const char *name, T &member, const char *const (&names)[N])
    {
        refold_value value;
        std::string text;
        std::size_t number = 0;
        if (find(name, value)) {
            good_ = codec<std::string>::read(in_, value, text);
            for (number = 1; good_ && number < N && text != names[number];) {
                number++;
            }
            if (!good_ || number == N) {
                good_ = in_.fail("is not a name of the enum");
                in_.fail_below(name);
                return;
            }
        }
        member = good_ ? static_cast<T>(number) : member;
    }
    bool done()
    {
        refold_string key;
        refold_value value;
        std::uint64_t cursor = 0;
        std::size_t members = 0;
        while (good_ && in_.strict && in_.host->next(&object_, &cursor, &key, &value)) {
            members++;
        }
        return good_ &&
               (!in_.strict || members == found_ || in_.fail("has a member that is unknown"));
    }

  private:
    bool find(const char *name, refold_value &ret)
    {
        bool there = good_ && in_.host->member(&object_, name, std::strlen(name), &ret);
        found_ += there;
        return there;
    }
    bool is_missing(const char *name)
    {
        in_.fail("is missing");
        return in_.fail_below(name);
    }

    reader &in_;
    const refold_value &object_;
    std::size_t found_ = 0;
    bool good_ = true;
};

class member_describer
{
  public:
    explicit member_describer(rows &all) : all_(all)
    {
    }
    template <class T> void operator()(const char *name, T &)
    {
        refold_field row = blank_row(name);
        describe_inner<T>(all_, row);
        rows_.push_back(row);
    }
    template <class T, std::size_t N>
    void operator()(const char *name, T &, const char *const (&names)[N])
    {
        refold_field row = blank_row(name);
        row.kind = REFOLD_F_ENUM;
        row.count = N;
        row.names = names;
        rows_.push_back(row);
    }
    std::vector<refold_field> take()
    {
        return std::move(rows_);
    }

  private:
    rows &all_;
    std::vector<refold_field> rows_;
};

template <class...> struct nothing {
    using type = void;
};

/** Where the compiler says that a codec is incomplete, its type is none that a state can hold: a
 * class needs `fields`. */
template <class T>
struct codec<T, typename nothing<decltype(std::declval<T &>().fields(
                    std::declval<member_describer &>()))>::type> : plain<T> {
    static const char *what()
    {
        return "an object";
    }
    static void write(writer &out, const T &value)
    {
        member_writer visit(out);
        out.text += '{';
        const_cast<T &>(value).fields(visit); /* which only looks */
        out.text += '}';
    }
    static bool read(reader &in, const refold_value &value, T &ret)
    {
        if (value.kind != REFOLD_OBJECT) {
            return false;
        }
        member_reader visit(in, value);
        ret.fields(visit);
        return visit.done();
    }
    static void describe(rows &all, refold_field &row)
    {
        T sample{};
        member_describer visit(all);
        sample.fields(visit);
        std::vector<refold_field> members = visit.take();
        row.kind = REFOLD_F_STRUCT;
        row.count = static_cast<std::uint32_t>(members.size());
        row.fields = all.keep(std::move(members));
    }
};

} // namespace detail

/** One event. Whatever a state may hold can be read from it. */
class event
{
  public:
    explicit event(const refold_event *raw) : raw_(raw)
    {
    }
    /** The number that the table of types gives its type. */
    int kind() const
    {
        return raw_->kind;
    }
    std::string type() const
    {
        return detail::copy_of(raw_->type);
    }
    std::string aggregate() const
    {
        return detail::copy_of(raw_->aggregate);
    }
    std::string id() const
    {
        return detail::copy_of(raw_->id);
    }
    std::int64_t version() const
    {
        return raw_->version;
    }
    time at() const
    {
        return raw_->at;
    }
    /** Its data, as JSON. */
    std::string data() const
    {
        return detail::copy_of(raw_->host->data(raw_));
    }

    /** A member of the data. False, and `ret` as it was, where it is not there or not a T; numbers
     * are taken as in C: 3.0 and "3" are no integers. */
    template <class T> bool find(const char *name, T &ret) const
    {
        detail::reader in = {raw_->host, false, std::string(), std::string()};
        return find_by(in, name, ret);
    }

    /** The same; where it is not there or not a T the event is refused: "Qty is not an integer". */
    template <class T> T get(const char *name) const
    {
        T value = T();
        detail::reader in = {raw_->host, false, std::string(), std::string()};
        if (!find_by(in, name, value)) {
            throw refusal(in.text.empty()
                              ? std::string(name) + " is not " + detail::codec<T>::what()
                              : name + in.pointer + " " + in.text);
        }
        return value;
    }

    const refold_event *raw() const
    {
        return raw_;
    }

  private:
    template <class T> bool find_by(detail::reader &in, const char *name, T &ret) const
    {
        refold_value value;
        T found = T();
        if (!raw_->host->field(raw_, name, std::strlen(name), &value) ||
            !detail::codec<T>::read(in, value, found)) {
            return false;
        }
        ret = std::move(found);
        return true;
    }

    const refold_event *raw_;
};

/** A command, and what it makes: events, in their order. Copied. */
class command : public event
{
  public:
    explicit command(const refold_event *raw) : event(raw)
    {
    }
    /** An event without data of its own. */
    void emit(const std::string &type) const
    {
        emit_json(type, "{}");
    }
    /** With what `data` is as JSON: a class with `fields`, a map … */
    template <class T> void emit(const std::string &type, const T &data) const
    {
        detail::writer out;
        detail::codec<T>::write(out, data);
        emit_json(type, out.text);
    }
    void emit_json(const std::string &type, const std::string &data) const
    {
        detail::writer out;
        out.text = "{\"type\":";
        out.string(type.data(), type.size());
        out.text += ",\"data\":" + data + "}";
        raw()->host->emit(out.text.data(), out.text.size());
    }
};

/** Gives an event another type and other data: what `upcast` makes of it. */
class today
{
  public:
    explicit today(refold_event *raw) : raw_(raw)
    {
    }
    /** One of the table's. */
    void type(const std::string &name)
    {
        raw_->type = keep(name);
    }
    template <class T> void data(const T &data)
    {
        detail::writer out;
        detail::codec<T>::write(out, data);
        json(out.text);
    }
    void json(const std::string &text)
    {
        raw_->host->emit(text.data(), text.size());
    }

  protected:
    /** In memory that lives longer than the call. */
    refold_string keep(const std::string &text)
    {
        refold_string copy;
        char *bytes = static_cast<char *>(raw_->host->alloc(text.size() + 1));
        std::memcpy(bytes, text.data(), text.size());
        copy.ptr = bytes;
        copy.len = text.size();
        return copy;
    }
    refold_event *raw_;
};

/** What `identify` tells of a payload. Without data, that is the payload in base64. */
class identified : public today
{
  public:
    explicit identified(refold_event *raw) : today(raw)
    {
    }
    void id(const std::string &text)
    {
        raw_->id = keep(text);
    }
    void version(std::int64_t version)
    {
        raw_->version = version;
    }
    void at(const time &at)
    {
        raw_->at = at;
    }
};

namespace detail
{

/** What refold calls. A refusal is told; any other exception meets `noexcept`, and is a crash. */
template <class S> struct calls {
    static void *create() noexcept
    {
        return new S();
    }
    static void destroy(void *state) noexcept
    {
        delete static_cast<S *>(state);
    }
    static std::int32_t refuse(const refold_event *raw, const refold_host *host, const refusal &why)
    {
        host->reject(raw, why.text().data(), why.text().size());
        return REFOLD_REJECTED;
    }
    static std::int32_t apply(void *state, const refold_event *raw) noexcept
    {
        try {
            static_cast<S *>(state)->apply(event(raw));
            return REFOLD_OK;
        } catch (const refusal &why) {
            return refuse(raw, raw->host, why);
        }
    }
    static std::int32_t snapshot(const void *state, const refold_host *host) noexcept
    {
        writer out;
        codec<S>::write(out, *static_cast<const S *>(state));
        if (!out.fault.empty()) {
            return refuse(nullptr, host, refusal(out.fault));
        }
        host->emit(out.text.data(), out.text.size());
        return REFOLD_OK;
    }
    static std::int32_t restore(void *state, const refold_value *value,
                                const refold_host *host) noexcept
    {
        reader in = {host, true, std::string(), std::string()};
        if (read_inner<S>(in, *value, *static_cast<S *>(state))) {
            return REFOLD_OK;
        }
        return refuse(nullptr, host,
                      refusal(in.pointer + (in.pointer.empty() ? "" : ": ") + in.text));
    }
    template <class T>
    static std::int32_t handle_by(const void *state, const refold_event *raw,
                                  const refold_host *) noexcept
    {
        try {
            static_cast<const T *>(state)->handle(command(raw));
            return REFOLD_OK;
        } catch (const refusal &why) {
            return refuse(raw, raw->host, why);
        }
    }
    template <class T>
    static std::int32_t check_by(const void *state, const refold_event *raw) noexcept
    {
        try {
            static_cast<const T *>(state)->check(event(raw));
            return REFOLD_OK;
        } catch (const refusal &why) {
            return refuse(raw, raw->host, why);
        }
    }
    template <class T>
    static std::int32_t upcast_by(const refold_event *raw, refold_event *ret) noexcept
    {
        try {
            today made(ret);
            T::upcast(event(raw), made);
            return REFOLD_OK;
        } catch (const refusal &why) {
            return refuse(raw, raw->host, why);
        }
    }
    template <class T>
    static std::int32_t identify_by(refold_string bytes, refold_event *ret,
                                    const refold_host *host) noexcept
    {
        try {
            identified made(ret);
            return T::identify(copy_of(bytes), made) ? REFOLD_OK : REFOLD_NOT_MINE;
        } catch (const refusal &why) {
            return refuse(ret, host, why);
        }
    }

    /* Each of these where the class has it. */
    template <class T>
    static auto find_check(int)
        -> decltype(std::declval<const T &>().check(std::declval<const event &>()),
                    static_cast<std::int32_t (*)(const void *, const refold_event *)>(nullptr))
    {
        return check_by<T>;
    }
    template <class T> static std::int32_t (*find_check(long))(const void *, const refold_event *)
    {
        return nullptr;
    }
    template <class T>
    static auto find_upcast(int)
        -> decltype(T::upcast(std::declval<const event &>(), std::declval<today &>()),
                    static_cast<std::int32_t (*)(const refold_event *, refold_event *)>(nullptr))
    {
        return upcast_by<T>;
    }
    template <class T>
    static std::int32_t (*find_upcast(long))(const refold_event *, refold_event *)
    {
        return nullptr;
    }
    using identify_function = std::int32_t (*)(refold_string, refold_event *, const refold_host *);
    template <class T>
    static auto find_identify(int)
        -> decltype(T::identify(std::declval<const std::string &>(), std::declval<identified &>()),
                    identify_function())
    {
        return identify_by<T>;
    }
    template <class T> static identify_function find_identify(long)
    {
        return nullptr;
    }
};

template <class S, std::size_t N>
refold_aggregate
make_table(const char *name, std::uint32_t version, const refold_type (&types)[N])
{
    static rows all;
    refold_field whole = blank_row("");
    codec<S>::describe(all, whole);
    refold_aggregate table = refold_aggregate();
    table.abi_version = REFOLD_ABI_VERSION;
    table.size = sizeof(refold_aggregate);
    table.name = name;
    table.state_version = version;
    table.types = types;
    table.type_count = N;
    table.fields = all.endless ? nullptr : whole.fields;
    table.field_count = all.endless ? 0 : whole.count;
    table.apply = calls<S>::apply;
    table.create = calls<S>::create;
    table.destroy = calls<S>::destroy;
    table.snapshot = calls<S>::snapshot;
    table.restore = calls<S>::restore;
    table.identify = calls<S>::template find_identify<S>(0);
    table.upcast = calls<S>::template find_upcast<S>(0);
    table.check = calls<S>::template find_check<S>(0);
    return table;
}

template <class S, std::size_t N, std::size_t M>
refold_aggregate
make_table(const char *name, std::uint32_t version, const refold_type (&types)[N],
           const refold_type (&commands)[M])
{
    refold_aggregate table = make_table<S>(name, version, types);
    table.commands = commands;
    table.command_count = M;
    table.handle = calls<S>::template handle_by<S>;
    return table;
}

} // namespace detail
} // namespace refold

/** Defines the table of an aggregate: its name, state version, class, and table of types. */
#define REFOLD_CLASS(name, version, state_class, type_rows)                                        \
    extern "C" {                                                                                   \
    extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;                            \
    const refold_aggregate refold_aggregate_table =                                                \
        refold::detail::make_table<state_class>(name, version, type_rows);                         \
    }

/** The same for a class that handles commands. */
#define REFOLD_CLASS_COMMANDS(name, version, state_class, type_rows, command_rows)                 \
    extern "C" {                                                                                   \
    extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;                            \
    const refold_aggregate refold_aggregate_table =                                                \
        refold::detail::make_table<state_class>(name, version, type_rows, command_rows);           \
    }

#endif

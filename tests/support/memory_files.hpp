#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "emotrain/core/error.hpp"
#include "emotrain/core/file_system.hpp"

namespace emotrain::test {

/// A file system in memory that remembers what of it is on the "disk": the content of a file as of its last sync, the entries of a
/// directory as of theirs. `fails`, asked before each operation that changes something, may let it throw.
class MemoryFiles final : public FileSystem {
 public:
  /// What is called, and with which path: "write", "sync", "rename", ...
  using Fails = std::function<bool(const std::string& operation, const Path& path)>;
  Fails fails = [](const std::string&, const Path&) { return false; };

  bool has_symlinks = true;

  /// What a loss of power may leave: only what was synced (`entries_survive`: directories as they are, contents as synced).
  void lose_power(bool entries_survive) {
    std::map<std::string, std::shared_ptr<Node>> survivors;
    for (const auto& [path, node] : entries_survive ? nodes_ : durable_) {
      if (node->kind == Kind::file) node->content = node->durable;
      if (path.empty() || parents_are_in(survivors, path)) survivors[path] = node;
    }
    nodes_ = survivors;
    durable_ = survivors;
  }

  Kind kind(const Path& path) const override {
    const auto node = find(resolve_parent(path));
    return node ? node->kind : Kind::none;
  }
  std::vector<std::string> list(const Path& directory) const override {
    const std::string prefix = follow(directory);
    std::vector<std::string> names;
    for (const auto& [path, node] : nodes_) {
      if (!path.empty() && parent(path) == prefix) names.push_back(Path(path).filename().string());
    }
    std::ranges::sort(names);
    return names;
  }
  std::unique_ptr<InputFile> open(const Path& path) const override {
    const auto node = find(follow(path));
    if (!node || node->kind != Kind::file) fail(ErrorKind::missing, "{}: there is no such file", path.string());
    return std::make_unique<Input>(node);
  }
  Path read_link(const Path& path) const override { return find(resolve_parent(path))->content; }
  Path real_path(const Path& path) const override { return follow(path); }

  std::unique_ptr<OutputFile> create(const Path& path, bool fresh = false) override {
    const std::string key = changed("create", path);
    require_parent(key);
    if (fresh && find(key)) fail(ErrorKind::cannot_create, "{}: exists", path.string());
    auto& node = nodes_[key];
    if (!node) node = std::make_shared<Node>();
    node->content.clear();
    return std::make_unique<Output>(*this, node, path);
  }
  std::unique_ptr<OutputFile> reopen(const Path& path, std::uint64_t size) override {
    changed("reopen", path);
    const auto node = find(follow(path));
    if (!node) fail(ErrorKind::missing, "{}: there is no such file", path.string());
    if (node->content.size() < size) fail(ErrorKind::data, "{}: has been cut", path.string());
    node->content.resize(size);
    return std::make_unique<Output>(*this, node, path);
  }
  bool create_directory(const Path& path) override {
    const std::string key = changed("mkdir", path);
    require_parent(key);
    if (find(key)) return false;
    nodes_[key] = std::make_shared<Node>(Node{Kind::directory, {}, {}});
    return true;
  }
  bool create_symlink(const Path& target, const Path& path) override {
    const std::string key = changed("symlink", path);
    if (!has_symlinks) return false;
    require_parent(key);
    if (find(key)) fail(ErrorKind::cannot_create, "{}: exists", path.string());
    nodes_[key] = std::make_shared<Node>(Node{Kind::symlink, target.string(), target.string()});
    return true;
  }
  void rename(const Path& from, const Path& to) override {
    const std::string source = resolve_parent(from);
    const std::string target = changed("rename", to);
    if (!find(source)) fail(ErrorKind::io, "{}: there is nothing to rename", from.string());
    require_parent(target);
    std::map<std::string, std::shared_ptr<Node>> moved;
    for (auto it = nodes_.begin(); it != nodes_.end();) {
      const bool inside = it->first == source || it->first.starts_with(source + "/");
      if (inside) moved[target + it->first.substr(source.size())] = it->second;
      it = inside ? nodes_.erase(it) : std::next(it);
    }
    if (nodes_.contains(target) && nodes_[target]->kind == Kind::directory) fail(ErrorKind::io, "{}: is a directory", to.string());
    for (auto& [path, node] : moved) nodes_[path] = node;
    // What a directory durably holds moves with it.
    std::map<std::string, std::shared_ptr<Node>> held;
    for (const auto& [path, node] : durable_) {
      if (path.starts_with(source + "/")) held[target + path.substr(source.size())] = node;
    }
    durable_.insert(held.begin(), held.end());
  }
  void sync_directory(const Path& path) override {
    changed("sync directory", path);
    const std::string key = follow(path);
    std::erase_if(durable_,
                  [&](const auto& entry) { return !entry.first.empty() && parent(entry.first) == key && !nodes_.contains(entry.first); });
    for (const auto& [name, node] : nodes_) {
      if (!name.empty() && parent(name) == key) durable_[name] = node;
    }
  }
  void remove(const Path& path) override {
    const std::string key = changed("remove", path);
    std::erase_if(nodes_, [&](const auto& entry) { return entry.first == key || entry.first.starts_with(key + "/"); });
  }

  /// Every file with its content, symlinks as "-> target", by path.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    for (const auto& [path, node] : nodes_) {
      if (node->kind == Kind::file) all[path] = node->content;
      if (node->kind == Kind::symlink) all[path] = "-> " + node->content;
    }
    return all;
  }

 private:
  struct Node {
    Kind kind = Kind::file;
    std::string content;
    std::string durable;
  };
  class Input final : public InputFile {
   public:
    explicit Input(std::shared_ptr<Node> node) : node_(std::move(node)) {}
    std::uint64_t size() const override { return node_->content.size(); }
    void read(std::uint64_t offset, void* bytes, std::size_t size) const override {
      node_->content.copy(static_cast<char*>(bytes), size, offset);
    }

   private:
    std::shared_ptr<Node> node_;
  };
  class Output final : public OutputFile {
   public:
    Output(MemoryFiles& files, std::shared_ptr<Node> node, Path path) : files_(files), node_(std::move(node)), path_(std::move(path)) {}
    void write(const void* bytes, std::size_t size) override {
      // A write that fails has written something.
      const std::string_view text(static_cast<const char*>(bytes), size);
      node_->content += text.substr(0, size / 2);
      files_.ask("write", path_);
      node_->content += text.substr(size / 2);
    }
    void sync() override {
      files_.ask("sync", path_);
      node_->durable = node_->content;
    }
    std::uint64_t size() const override { return node_->content.size(); }

   private:
    MemoryFiles& files_;
    std::shared_ptr<Node> node_;
    Path path_;
  };

  static std::string normal(const Path& path) {
    std::string text = path.lexically_normal().string();
    while (text.ends_with('/')) text.pop_back();
    return text == "." ? "" : text;
  }
  static std::string parent(const std::string& path) { return Path(path).parent_path().string(); }
  static bool parents_are_in(const std::map<std::string, std::shared_ptr<Node>>& nodes, const std::string& path) {
    const std::string above = parent(path);
    return above.empty() || nodes.contains(above);
  }
  std::shared_ptr<Node> find(const std::string& key) const {
    const auto it = nodes_.find(key);
    return it == nodes_.end() ? nullptr : it->second;
  }
  std::string follow(const Path& path) const {
    std::string key = resolve_parent(path);
    for (int i = 0; i < 8; ++i) {
      const auto node = find(key);
      if (!node || node->kind != Kind::symlink) break;
      key = normal(Path(parent(key)) / node->content);
    }
    return key;
  }
  std::string resolve_parent(const Path& path) const {
    const std::string key = normal(path);
    const std::string above = parent(key);
    if (above.empty()) return key;
    const std::string real = follow(above);
    return real.empty() ? Path(key).filename().string() : real + "/" + Path(key).filename().string();
  }
  void require_parent(const std::string& key) const {
    const std::string above = parent(key);
    if (above.empty()) return;
    const auto node = find(above);
    if (!node || node->kind != Kind::directory) fail(ErrorKind::cannot_create, "{}: there is no directory {}", key, above);
  }
  void ask(const std::string& operation, const Path& path) const {
    if (!fails(operation, path)) return;
    const bool creates = operation == "create" || operation == "mkdir" || operation == "symlink";
    fail(creates ? ErrorKind::cannot_create : ErrorKind::io, "{}: injected failure of {}", path.string(), operation);
  }
  std::string changed(const std::string& operation, const Path& path) const {
    ask(operation, path);
    return resolve_parent(path);
  }

  std::map<std::string, std::shared_ptr<Node>> nodes_;
  std::map<std::string, std::shared_ptr<Node>> durable_;
};

}  // namespace emotrain::test

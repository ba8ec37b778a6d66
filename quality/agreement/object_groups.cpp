// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/object_groups.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "tracking/assignment.h"

namespace sweepmark {
namespace {

constexpr std::size_t most_for_exact = 10;

/// All tracks of everybody in one row.
struct Node {
  std::size_t person = 0;
  std::uint32_t track = 0;
};

/// What putting two tracks into one group gains.
class Gains {
 public:
  Gains(const std::vector<const TracksInFrames*>& people, const std::vector<PairOfPeople>& pairs,
        double least_similarity)
      : least_similarity_(least_similarity) {
    std::vector<std::size_t> first_node;
    for (std::size_t person = 0; person < people.size(); ++person) {
      first_node.push_back(nodes.size());
      for (std::uint32_t track = 0; track < people[person]->track_count; ++track) nodes.push_back({person, track});
    }
    frames_.resize(nodes.size());
    for (std::size_t person = 0; person < people.size(); ++person) {
      for (std::size_t t = 0; t < people[person]->frames.size(); ++t) {
        for (const std::uint32_t track : people[person]->frames[t]) frames_[first_node[person] + track].push_back(t);
      }
    }
    for (const PairOfPeople& two : pairs) {
      const TracksInFrames &a = *people[two.a], &b = *people[two.b];
      for (std::size_t t = 0; t < two.pairs.size(); ++t) {
        for (const SimilarPair& pair : two.pairs[t])
          similarity_[{first_node[two.a] + a.frames[t][pair.a], first_node[two.b] + b.frames[t][pair.b]}] +=
              pair.similarity;
      }
    }
  }

  double operator()(std::size_t a, std::size_t b) const {
    const auto at = similarity_.find(std::minmax(a, b));
    return (at == similarity_.end() ? 0 : at->second) - least_similarity_ * frames_together(a, b);
  }

  /// Calls `visit` with each two tracks that gain.
  template <class Visit>
  void for_each_gain(const Visit& visit) const {
    for (const auto& [two, sum] : similarity_) {
      if (sum > least_similarity_ * frames_together(two.first, two.second)) visit(two.first, two.second);
    }
  }

  std::vector<Node> nodes;

 private:
  double frames_together(std::size_t a, std::size_t b) const {
    std::size_t count = 0;
    auto i = frames_[a].begin(), k = frames_[b].begin();
    while (i != frames_[a].end() && k != frames_[b].end()) {
      if (*i < *k) {
        ++i;
      } else if (*k < *i) {
        ++k;
      } else {
        ++count, ++i, ++k;
      }
    }
    return static_cast<double>(count);
  }

  double least_similarity_;
  std::vector<std::vector<std::size_t>> frames_;                      ///< of each node
  std::map<std::pair<std::size_t, std::size_t>, double> similarity_;  ///< summed over frames, of nodes that are alike
};

using Groups = std::vector<std::vector<std::size_t>>;

/// Gains between all members of a component, by their positions in it.
class GainTable {
 public:
  GainTable(const Gains& gains, const std::vector<std::size_t>& members) : count_(members.size()) {
    gain_.resize(count_ * count_, 0);
    for (std::size_t i = 0; i < count_; ++i) {
      for (std::size_t k = i + 1; k < count_; ++k)
        (*this)(i, k) = (*this)(k, i) = gains.nodes[members[i]].person == gains.nodes[members[k]].person
                                            ? impossible
                                            : gains(members[i], members[k]);
    }
  }
  double& operator()(std::size_t i, std::size_t k) { return gain_[i * count_ + k]; }
  double operator()(std::size_t i, std::size_t k) const { return gain_[i * count_ + k]; }

  /// Of two tracks of one person: no other gain outweighs it.
  static constexpr double impossible = -1e12;

 private:
  std::size_t count_;
  std::vector<double> gain_;
};

/// The best of all partitions of a few members.
class BestPartition {
 public:
  explicit BestPartition(const GainTable& gains, std::size_t count) : gains_(gains), count_(count) { place(0, 0); }
  const Groups& groups() const { return best_; }

 private:
  void place(std::size_t next, double sum) {
    if (next == count_) {
      if (best_.empty() || sum > best_sum_) best_ = open_, best_sum_ = sum;
      return;
    }
    for (std::size_t g = 0; g < open_.size(); ++g) {
      double gain = 0;
      for (const std::size_t other : open_[g]) gain += gains_(other, next);
      if (gain <= GainTable::impossible / 2) continue;
      open_[g].push_back(next);
      place(next + 1, sum + gain);
      open_[g].pop_back();
    }
    open_.push_back({next});
    place(next + 1, sum);
    open_.pop_back();
  }

  const GainTable& gains_;
  std::size_t count_;
  Groups open_, best_;
  double best_sum_ = 0;
};

/// Joins the two groups that gain the most by it, until none gains. Cost: O(count^3).
Groups join_greedily(GainTable gains, std::size_t count) {
  Groups groups;
  for (std::size_t i = 0; i < count; ++i) groups.push_back({i});
  while (true) {
    double most = 0;
    std::pair<std::size_t, std::size_t> best;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = i + 1; k < count; ++k) {
        if (!groups[i].empty() && !groups[k].empty() && gains(i, k) > most) most = gains(i, k), best = {i, k};
      }
    }
    if (most <= 0) break;
    auto &into = groups[best.first], &from = groups[best.second];
    into.insert(into.end(), from.begin(), from.end());
    from.clear();
    for (std::size_t k = 0; k < count; ++k) gains(k, best.first) = gains(best.first, k) += gains(best.second, k);
  }
  std::erase_if(groups, [](const auto& group) { return group.empty(); });
  return groups;
}

/// The groups of a component, best or joined. \return indices of nodes
Groups partition(const Gains& gains, const std::vector<std::size_t>& members) {
  const GainTable table(gains, members);
  Groups groups = members.size() <= most_for_exact ? BestPartition(table, members.size()).groups()
                                                   : join_greedily(table, members.size());
  for (auto& group : groups) {
    for (std::size_t& member : group) member = members[member];
  }
  return groups;
}

/// Of two people: pairs.
Groups assign_pairs(const Gains& gains, const std::vector<std::size_t>& members) {
  const auto& nodes = gains.nodes;
  std::vector<std::size_t> side[2];
  for (const std::size_t node : members)
    side[nodes[node].person == nodes[members.front()].person ? 0 : 1].push_back(node);
  std::vector<PairCost> costs;
  for (std::size_t i = 0; i < side[0].size(); ++i) {
    for (std::size_t k = 0; k < side[1].size(); ++k) {
      const double gain = gains(side[0][i], side[1][k]);
      if (gain > 0) costs.push_back({i, k, -gain});
    }
  }
  const auto column_of = assign(side[0].size(), side[1].size(), costs, 0);
  Groups groups;
  std::vector<bool> taken(side[1].size(), false);
  for (std::size_t i = 0; i < side[0].size(); ++i) {
    groups.push_back({side[0][i]});
    if (column_of[i] == unassigned) continue;
    groups.back().push_back(side[1][column_of[i]]);
    taken[column_of[i]] = true;
  }
  for (std::size_t k = 0; k < side[1].size(); ++k) {
    if (!taken[k]) groups.push_back({side[1][k]});
  }
  return groups;
}

/// Nodes that hang together through pairs which gain.
Groups components(const Gains& gains) {
  const std::size_t count = gains.nodes.size();
  std::vector<std::size_t> parent(count);
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&](std::size_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  gains.for_each_gain([&](std::size_t a, std::size_t b) {
    const auto [low, high] = std::minmax({root(a), root(b)});
    parent[high] = low;
  });
  std::map<std::size_t, std::vector<std::size_t>> by_root;
  for (std::size_t i = 0; i < count; ++i) by_root[root(i)].push_back(i);
  Groups out;
  for (auto& [key, members] : by_root) out.push_back(std::move(members));
  return out;
}

}  // namespace

std::size_t ObjectGroup::count() const {
  return static_cast<std::size_t>(std::ranges::count_if(track_of, [](const auto& track) { return track.has_value(); }));
}

std::vector<ObjectGroup> group_objects(const std::vector<const TracksInFrames*>& people,
                                       const std::vector<PairOfPeople>& pairs, double least_similarity) {
  const Gains gains(people, pairs, least_similarity);
  std::vector<ObjectGroup> out;
  for (const auto& members : components(gains)) {
    const Groups groups = members.size() == 1  ? Groups{members}
                          : people.size() == 2 ? assign_pairs(gains, members)
                                               : partition(gains, members);
    for (const auto& group : groups) {
      ObjectGroup object{std::vector<std::optional<std::uint32_t>>(people.size())};
      for (const std::size_t node : group) object.track_of[gains.nodes[node].person] = gains.nodes[node].track;
      out.push_back(std::move(object));
    }
  }
  std::ranges::sort(out, [](const ObjectGroup& x, const ObjectGroup& y) {
    for (std::size_t person = 0; person < x.track_of.size(); ++person) {
      const auto &a = x.track_of[person], &b = y.track_of[person];
      if (a.has_value() != b.has_value()) return a.has_value();
      if (a && *a != *b) return *a < *b;
    }
    return false;
  });
  return out;
}

}  // namespace sweepmark

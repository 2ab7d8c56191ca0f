using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Topics;

/// <summary>
/// All topics, in folders <c>topics/&lt;name&gt;/&lt;partition&gt;</c>. Changes hold the lock and are on disk before they are seen; lookups take none.
/// </summary>
internal sealed class TopicStore : IDisposable
{
    /// <summary>Of all topics together: each holds a file open.</summary>
    public const int MaximumPartitions = 10_000;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, string> _names = new();
    private readonly string _folder;
    private readonly string _trash;
    private readonly LogOptions _options;
    private readonly FrozenDictionary<string, string> _defaults;

    public TopicStore(string dataFolder, LogOptions options, IReadOnlyDictionary<string, string> defaults)
    {
        _folder = Path.Combine(dataFolder, "topics");
        _trash = Path.Combine(dataFolder, "trash");
        _options = options;
        _defaults = defaults.ToFrozenDictionary(StringComparer.Ordinal);
        Directory.CreateDirectory(_folder);
        EmptyTrash();
        foreach (var folder in Directory.GetDirectories(_folder))
        {
            Load(folder);
        }
    }

    public ICollection<Topic> All => _topics.Values;

    public Topic? Find(string? name) => name is not null && _topics.TryGetValue(name, out var topic) ? topic : null;

    public Topic? Find(Guid id) => _names.TryGetValue(id, out var name) ? Find(name) : null;

    public PartitionLog? Partition(string name, int index) => Find(name)?.Partition(index);

    /// <summary>Creates a topic, or with <paramref name="validateOnly"/> says whether it could be.</summary>
    public TopicResult Create(string name, int partitions, IReadOnlyDictionary<string, string> config, bool validateOnly = false)
    {
        if (!TopicName.IsValid(name))
        {
            return new(ErrorCode.InvalidTopic, Message: $"'{name}' is no topic name: 1 to 249 of a-z A-Z 0-9 . _ -");
        }

        if (partitions < 1 || !Fits(partitions))
        {
            return new(ErrorCode.InvalidPartitions, Message: $"a topic has at least one partition, and this broker at most {MaximumPartitions} in all");
        }

        if (Invalid(config) is { } reason)
        {
            return new(ErrorCode.InvalidConfig, Message: reason);
        }

        lock (_gate)
        {
            if (_topics.TryGetValue(name, out var existing))
            {
                return new(ErrorCode.TopicAlreadyExists, existing, $"topic '{name}' already exists");
            }

            var all = new Dictionary<string, string>(_defaults);
            foreach (var (key, value) in config)
            {
                all[key] = value;
            }

            if (validateOnly)
            {
                return new(ErrorCode.None, new Topic(name, Guid.Empty, new TopicConfig(all), []));
            }

            var file = new TopicFile(Guid.NewGuid(), partitions, all);
            Directory.CreateDirectory(FolderOf(name));
            file.Write(FolderOf(name));
            return new(ErrorCode.None, Open(name, file));
        }
    }

    public ErrorCode Delete(string name)
    {
        lock (_gate)
        {
            if (!_topics.TryRemove(name, out var topic))
            {
                return ErrorCode.UnknownTopicOrPartition;
            }

            _names.TryRemove(topic.Id, out _);
            Close(topic);
            Directory.CreateDirectory(_trash);
            Directory.Move(FolderOf(name), Path.Combine(_trash, topic.Id.ToString()));
            EmptyTrash();
            return ErrorCode.None;
        }
    }

    public TopicResult Grow(string name, int partitions, bool validateOnly)
    {
        lock (_gate)
        {
            if (Find(name) is not { } topic)
            {
                return new(ErrorCode.UnknownTopicOrPartition);
            }

            if (partitions <= topic.Partitions.Count || !Fits(partitions - topic.Partitions.Count))
            {
                return new(ErrorCode.InvalidPartitions, topic, $"topic '{name}' has {topic.Partitions.Count} partitions; the number can only grow, and this broker has at most {MaximumPartitions} in all");
            }

            if (validateOnly)
            {
                return new(ErrorCode.None, topic);
            }

            new TopicFile(topic.Id, partitions, new(topic.Config.Overrides)).Write(FolderOf(name));
            List<PartitionLog> logs = [.. topic.Partitions];
            for (var i = logs.Count; i < partitions; i++)
            {
                logs.Add(OpenPartition(name, i, topic.Config));
            }

            return new(ErrorCode.None, _topics[name] = topic with { Partitions = logs });
        }
    }

    /// <summary>Replaces the settings of a topic by what <paramref name="change"/> makes of them.</summary>
    public TopicResult Configure(string name, Func<Dictionary<string, string>, string?> change, bool validateOnly)
    {
        lock (_gate)
        {
            if (Find(name) is not { } topic)
            {
                return new(ErrorCode.UnknownTopicOrPartition);
            }

            var overrides = new Dictionary<string, string>(topic.Config.Overrides);
            if ((change(overrides) ?? Invalid(overrides)) is { } reason)
            {
                return new(ErrorCode.InvalidConfig, topic, reason);
            }

            if (validateOnly)
            {
                return new(ErrorCode.None, topic);
            }

            new TopicFile(topic.Id, topic.Partitions.Count, overrides).Write(FolderOf(name));
            var config = new TopicConfig(overrides);
            foreach (var partition in topic.Partitions)
            {
                partition.Config = config;
            }

            return new(ErrorCode.None, _topics[name] = topic with { Config = config });
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var topic in _topics.Values)
            {
                Close(topic);
            }
        }
    }

    private static string? Invalid(IReadOnlyDictionary<string, string> config)
    {
        foreach (var (name, value) in config)
        {
            if (!TopicConfigKeys.All.TryGetValue(name, out var key))
            {
                return $"unknown topic config '{name}'";
            }

            if (!key.IsValid(value))
            {
                return $"invalid value '{value}' for topic config '{name}'";
            }
        }

        return null;
    }

    private static void Close(Topic topic)
    {
        foreach (var partition in topic.Partitions)
        {
            partition.Dispose();
        }
    }

    private bool Fits(int more) => more <= MaximumPartitions - _topics.Values.Sum(t => t.Partitions.Count);

    private string FolderOf(string name) => Path.Combine(_folder, name);

    private void Load(string folder)
    {
        if (TopicFile.Read(folder) is { } file)
        {
            Open(Path.GetFileName(folder), file);
        }
    }

    private Topic Open(string name, TopicFile file)
    {
        var config = new TopicConfig(file.Config);
        List<PartitionLog> logs = [];
        for (var i = 0; i < file.Partitions; i++)
        {
            logs.Add(OpenPartition(name, i, config));
        }

        var topic = new Topic(name, file.Id, config, logs);
        _topics[name] = topic;
        _names[file.Id] = name;
        return topic;
    }

    private PartitionLog OpenPartition(string name, int index, TopicConfig config) =>
        PartitionLog.Open(Path.Combine(FolderOf(name), index.ToString(CultureInfo.InvariantCulture)), config, _options);

    private void EmptyTrash()
    {
        if (Directory.Exists(_trash))
        {
            Directory.Delete(_trash, recursive: true);
        }
    }
}

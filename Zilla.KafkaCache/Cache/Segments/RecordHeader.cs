namespace Zilla.KafkaCache.Cache.Segments;

/// <summary>One header of a record; a null value is not the same as an empty one.</summary>
internal readonly record struct RecordHeader(string Name, byte[]? Value);

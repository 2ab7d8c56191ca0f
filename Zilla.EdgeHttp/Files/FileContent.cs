using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;

namespace Zilla.EdgeHttp.Files;

/// <summary>A file as a response. Its ETag is the MD5 of its content (reference §2.5): a name, not a protection.</summary>
internal sealed record FileContent(ReadOnlyMemory<byte> Bytes, string Type, string EntityTag, DateTime LastModified)
{
    /// <summary>Small files that have not changed are served from memory.</summary>
    private const int CachedFiles = 256;
    private const int CachedFileBytes = 1 << 20;

    private static readonly FileExtensionContentTypeProvider Types = new() { Mappings = { [".yaml"] = "application/yaml", [".yml"] = "application/yaml" } };
    private static readonly ConcurrentDictionary<string, FileContent> Cache = new(StringComparer.Ordinal);

    public static async ValueTask<FileContent> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        if (Cache.TryGetValue(file.FullName, out var cached) && cached.LastModified == file.LastWriteTimeUtc && cached.Bytes.Length == file.Length)
        {
            return cached;
        }

        var bytes = await File.ReadAllBytesAsync(file.FullName, cancellationToken);
        var content = new FileContent(bytes, TypeOf(file), $"\"{Convert.ToHexStringLower(Hash(bytes))}\"", file.LastWriteTimeUtc);
        if (bytes.Length <= CachedFileBytes && (Cache.Count < CachedFiles || cached is not null))
        {
            Cache[file.FullName] = content;
        }

        return content;
    }

#pragma warning disable CA5351 // MD5 is what Zilla's clients may compare with; nothing is protected by it.
    private static byte[] Hash(byte[] bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351

    private static string TypeOf(FileInfo file) =>
        !Types.TryGetContentType(file.Name, out var type) ? "application/octet-stream"
        : type is "text/html" or "text/css" or "text/plain" or "text/javascript" ? $"{type}; charset=utf-8"
        : type;
}

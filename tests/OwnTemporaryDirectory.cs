using System.Runtime.CompilerServices;

namespace Zilla.Testing;

/// <summary>Part of every test assembly.</summary>
internal static class OwnTemporaryDirectory
{
    [ModuleInitializer]
    internal static void Use() => TemporaryDirectory.Use();
}
